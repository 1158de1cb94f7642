// SPDX-License-Identifier: Apache-2.0
import type { ProbeTls } from '../../../harness/probe/exchange.ts';
import { key, optionsCheck, refuses, serves, staysClosed, type Fault, type OptionsRow } from './options-check.ts';

const version = (only: NonNullable<ProbeTls['minVersion']>): ProbeTls => ({ minVersion: only, maxVersion: only });
const both = ['h2', 'http/1.1'];
const leftOut = (listener: string, breaks: string): Fault => ({
  name: 'options-left-out',
  title: 'The listener has no options',
  listener,
  options: {},
  breaks,
});

const rows: readonly OptionsRow[] = [
  {
    id: 'tlsopt-min-max',
    title: 'A listener speaks the versions of TLS between the bounds that it is given, and none with bounds that make no sense',
    priority: 'P0',
    listeners: {
      'only-1.2': {
        options: { [key('min-tls-version')]: '1.2', [key('max-tls-version')]: '1.2' },
        speaks: [
          { offering: 'TLS 1.2', tls: version('TLSv1.2'), agreesOn: { protocol: 'TLSv1.2' } },
          { offering: 'all that it has', tls: {}, agreesOn: { protocol: 'TLSv1.2' } },
        ],
        refuses: [
          { offering: 'TLS 1.3', tls: version('TLSv1.3') },
          { offering: 'TLS 1.1', tls: version('TLSv1.1') },
        ],
      },
      'only-1.3': {
        options: { [key('min-tls-version')]: '1.3' },
        speaks: [{ offering: 'TLS 1.3', tls: version('TLSv1.3'), agreesOn: { protocol: 'TLSv1.3' } }],
        refuses: [{ offering: 'TLS 1.2', tls: version('TLSv1.2') }],
      },
      reversed: { options: { [key('min-tls-version')]: '1.3', [key('max-tls-version')]: '1.2' }, isClosed: true },
      misspelt: { options: { [key('min-tls-version')]: 'TLS1.2' }, isClosed: true },
    },
    sabotages: [
      leftOut('only-1.2', serves('all that it has', 'only-1.2')),
      {
        name: 'no-maximum',
        title: 'The listener for TLS 1.3 has no minimum',
        listener: 'only-1.3',
        options: {},
        breaks: refuses('TLS 1.2', 'only-1.3'),
      },
      {
        name: 'old-version-allowed',
        title: 'The minimum is TLS 1.1, with a cipher suite for it',
        listener: 'only-1.2',
        options: {
          [key('min-tls-version')]: '1.1',
          [key('max-tls-version')]: '1.2',
          [key('cipher-suites')]: 'ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-ECDSA-AES128-SHA',
        },
        breaks: refuses('TLS 1.1', 'only-1.2'),
      },
      {
        name: 'order-right',
        title: 'The bounds are the right way round',
        listener: 'reversed',
        options: {},
        breaks: staysClosed('reversed'),
      },
    ],
  },
  {
    id: 'tlsopt-cipher',
    title: 'A listener speaks the cipher suites that it is given, and no others',
    priority: 'P0',
    listeners: {
      'aes-128': {
        options: { [key('cipher-suites')]: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', [key('max-tls-version')]: '1.2' },
        speaks: [
          {
            offering: 'AES-128-GCM among others',
            tls: { ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES128-GCM-SHA256'] },
            agreesOn: { cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' },
          },
        ],
        refuses: [
          { offering: 'AES-256-GCM', tls: { ...version('TLSv1.2'), ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] } },
          { offering: 'ChaCha20', tls: { ...version('TLSv1.2'), ciphers: ['ECDHE-ECDSA-CHACHA20-POLY1305'] } },
        ],
      },
    },
    sabotages: [
      {
        name: 'suite-added',
        title: 'The listener has the suite as well',
        listener: 'aes-128',
        options: {
          [key('cipher-suites')]: '[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-AES256-GCM-SHA384]',
          [key('max-tls-version')]: '1.2',
        },
        breaks: serves('AES-128-GCM among others', 'aes-128'),
      },
      {
        name: 'suite-added-last',
        title: 'The listener has the suite as well, after the right one',
        listener: 'aes-128',
        options: {
          [key('cipher-suites')]: 'ECDHE-ECDSA-AES128-GCM-SHA256,ECDHE-ECDSA-AES256-GCM-SHA384',
          [key('max-tls-version')]: '1.2',
        },
        breaks: refuses('AES-256-GCM', 'aes-128'),
      },
    ],
  },
  {
    id: 'tlsopt-curves',
    title: 'A listener agrees on keys over the curves that it is given, and no others',
    priority: 'P1',
    listeners: {
      classic: {
        options: { [key('ecdh-curves')]: 'X25519, P-256' },
        speaks: [
          { offering: 'X25519', tls: { curves: ['X25519'] }, agreesOn: { curve: 'X25519' } },
          { offering: 'P-256', tls: { curves: ['P-256'] }, agreesOn: { curve: 'prime256v1' } },
        ],
        refuses: [{ offering: 'P-384', tls: { curves: ['P-384'] } }],
      },
      'post-quantum': {
        options: { [key('ecdh-curves')]: 'X25519MLKEM768' },
        speaks: [{ offering: 'X25519MLKEM768', tls: { curves: ['X25519MLKEM768'] } }],
        refuses: [{ offering: 'X25519', tls: { curves: ['X25519'] } }],
      },
    },
    sabotages: [
      leftOut('post-quantum', serves('X25519MLKEM768', 'post-quantum')),
      {
        name: 'classic-as-well',
        title: 'The listener for the post-quantum curve has a classic one as well',
        listener: 'post-quantum',
        options: { [key('ecdh-curves')]: 'X25519MLKEM768,X25519' },
        breaks: refuses('X25519', 'post-quantum'),
      },
      {
        name: 'curve-added',
        title: 'The listener has the curve as well',
        listener: 'classic',
        options: { [key('ecdh-curves')]: 'X25519,P-256,P-384' },
        breaks: refuses('P-384', 'classic'),
      },
    ],
  },
  {
    id: 'tlsopt-alpn',
    title: 'A listener offers the protocols that it is given, or none',
    priority: 'P1',
    listeners: {
      'only-h2': {
        options: { [key('alpn-protocols')]: 'h2' },
        speaks: [
          { offering: 'h2', tls: { alpn: both }, protocol: 'h2', agreesOn: { alpn: 'h2' } },
          { offering: 'http/1.1', tls: { alpn: ['http/1.1'] }, agreesOn: { alpn: 'nothing' } },
        ],
      },
      'only-http1': {
        options: { [key('alpn-protocols')]: 'http/1.1' },
        speaks: [{ offering: 'h2 and http/1.1', tls: { alpn: both }, agreesOn: { alpn: 'http/1.1' } }],
      },
      none: {
        options: { [key('alpn-protocols')]: 'allow-empty' },
        speaks: [{ offering: 'h2 and http/1.1', tls: { alpn: both }, agreesOn: { alpn: 'nothing' } }],
      },
    },
    sabotages: [
      leftOut('only-h2', serves('http/1.1', 'only-h2')),
      {
        name: 'h2-as-well',
        title: 'The listener for http/1.1 offers h2 as well',
        listener: 'only-http1',
        options: { [key('alpn-protocols')]: 'h2,http/1.1' },
        breaks: serves('h2 and http/1.1', 'only-http1'),
      },
      {
        name: 'one-instead-of-none',
        title: 'The listener for none offers http/1.1',
        listener: 'none',
        options: { [key('alpn-protocols')]: 'http/1.1' },
        breaks: serves('h2 and http/1.1', 'none'),
      },
    ],
  },
  {
    id: 'tlsopt-unknown-key',
    title: 'A listener with a TLS option that nobody knows stays closed instead of serving without it',
    priority: 'P1',
    listeners: {
      unknown: { options: { 'example.com/foo': 'bar' }, isClosed: true },
      misspelt: { options: { [key('minimum-tls-version')]: '1.3' }, isClosed: true },
    },
    sabotages: [leftOut('unknown', staysClosed('unknown'))],
  },
  {
    id: 'tlsopt-hash-bad',
    title: 'A listener with a pinned hash that is none stays closed',
    priority: 'P1',
    listeners: {
      short: { options: { [key('verify-certificate-hash')]: 'a'.repeat(63) }, isClosed: true },
      'no-hexadecimal': { options: { [key('verify-certificate-hash')]: 'g'.repeat(64) }, isClosed: true },
      'one-of-two': { options: { [key('verify-certificate-hash')]: `${'a'.repeat(64)},${'a'.repeat(63)}` }, isClosed: true },
    },
    sabotages: [
      {
        name: 'whole-hash',
        title: 'The hash is whole',
        listener: 'short',
        options: { [key('verify-certificate-hash')]: 'a'.repeat(64) },
        breaks: staysClosed('short'),
      },
    ],
  },
];

export default rows.map(optionsCheck);
