// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { presentable, redacted, redactHeaders, Redactor } from './redactor.ts';

const secret = (fields: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys', managedFields: [{}] }, ...fields });

test('a learned value is found plain, in base64 and within JSON, whatever it is made of', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 6, unit: 'binary' }).filter((value) => /^\S.*\S$/.test(value) && value.length >= 6),
      (value) => {
        const redactor = new Redactor();
        redactor.learn(value);
        const forms = [value, Buffer.from(value).toString('base64'), JSON.stringify({ key: value })];
        for (const form of forms) expect(redactor.redact(`before ${form} after`)).toContain(redacted);
      },
    ),
  );
});

test('secrets are learned from Secrets, plain or encoded, line by line; certificates are not secret', () => {
  const redactor = new Redactor();
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIBcertificate\n-----END CERTIFICATE-----\n';
  const key = '-----BEGIN PRIVATE KEY-----\nMIGHkeymaterial\n-----END PRIVATE KEY-----\n';
  redactor.learnResource(
    secret({
      stringData: { 'api-key': 'k-alice-1' },
      data: { key: Buffer.from(key).toString('base64'), 'tls.crt': Buffer.from(certificate).toString('base64') },
    }),
  );
  const log = `key k-alice-1, ${JSON.stringify({ inline: key })}, cert MIIBcertificate`;
  expect(redactor.redact(log)).toBe(
    `key ${redacted}, {"inline":"-----BEGIN PRIVATE KEY-----\\n${redacted}\\n-----END PRIVATE KEY-----\\n"}, cert MIIBcertificate`,
  );
});

test('other kinds teach nothing', () => {
  const redactor = new Redactor();
  redactor.learnResource({ ...secret({ data: { password: 'cGFzc3dvcmQ=' } }), kind: 'ConfigMap' });
  expect(redactor.redact('password')).toBe('password');
});

test('credentials are learned from requests and answers, with and without their scheme', () => {
  const redactor = new Redactor();
  redactor.learnExchange({
    id: 'x',
    endpoint: { address: '198.19.240.1', port: 80 },
    request: { headers: { Authorization: 'Bearer eyJtoken', 'x-other': 'visible-value' }, tls: { key: 'clientkeymaterial' } },
    response: { status: 200, headers: { 'set-cookie': ['session=abcdef'] }, body: '' },
    sentAt: 0,
    durationMs: 1,
  });
  expect(redactor.redact('eyJtoken visible-value session=abcdef clientkeymaterial')).toBe(
    `${redacted} visible-value ${redacted} ${redacted}`,
  );
});

test('a longer secret is taken out before a shorter one within it', () => {
  const redactor = new Redactor();
  redactor.learn('secret');
  redactor.learn('secret-and-more');
  expect(redactor.redact('secret-and-more')).toBe(redacted);
});

test('short values are left alone', () => {
  const redactor = new Redactor();
  redactor.learn('GET');
  expect(redactor.redact('GET /')).toBe('GET /');
});

test('a Secret is shown by its keys, and nothing is shown with managed fields', () => {
  expect(presentable(secret({ data: { a: 'eA==' }, stringData: { b: 'y' } }))).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys' },
    data: { a: redacted },
    stringData: { b: redacted },
  });
});

test('sensitive headers are shown without their values', () => {
  expect(redactHeaders({ Authorization: 'x', 'x-api-key': ['y'], Cookie: 'z', accept: '*/*' })).toEqual({
    Authorization: redacted,
    'x-api-key': redacted,
    Cookie: redacted,
    accept: '*/*',
  });
});

test('an attack that brings a new cookie with every answer does not fill the memory, nor push out what Secrets taught', () => {
  const redactor = new Redactor();
  redactor.learnResource(secret({ stringData: { key: 'from-a-secret' } }));
  const answer = (cookie: string) => ({
    id: 'x',
    endpoint: { address: '198.19.240.1', port: 80 },
    request: {},
    response: { status: 200, headers: { 'set-cookie': [cookie] }, body: '' },
    sentAt: 0,
    durationMs: 1,
  });
  for (let number = 0; number < 2000; number += 1) redactor.learnExchange(answer(`session=${number}-of-many`));
  expect(redactor.redact('from-a-secret session=1999-of-many')).toBe(`${redacted} ${redacted}`);
  expect(redactor.redact('session=0-of-many')).toBe('session=0-of-many');
});
