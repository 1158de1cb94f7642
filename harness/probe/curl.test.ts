// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { curlCommand } from './curl.ts';
import type { ProbeRequest } from './exchange.ts';
import { shellQuote, shellQuoteBytes } from './shell-quote.ts';

const endpoint = { address: '198.19.240.1', port: 8080 };
const curl = (request: ProbeRequest, files = {}) => curlCommand({ id: 'id-1', endpoint, request }, files);

/** What a shell makes of a command line: its words. */
function wordsOf(commandLine: string): string[] {
  const { stdout, status } = spawnSync('sh', ['-c', `printf '%s\\0' ${commandLine}`]);
  expect(status).toBe(0);
  return stdout.toString().split('\0').slice(0, -1);
}

describe('curlCommand', () => {
  it('connects to the address and asks for the host', () => {
    expect(curl({ host: 'a.test', path: '/x?y=1&z=2', headers: { authorization: ['Bearer one', 'Bearer two'], 'x-empty': '' } })).toBe(
      "curl -sSi --http1.1 --connect-to a.test:80:198.19.240.1:8080 -H 'x-gauntlet-id: id-1' -H 'authorization: Bearer one' -H 'authorization: Bearer two' " +
        "-H 'x-empty;' --path-as-is --globoff 'http://a.test/x?y=1&z=2'",
    );
  });

  it('keeps a port that the host names', () => {
    expect(curl({ host: 'a.test:1234' })).toContain('--connect-to a.test:1234:198.19.240.1:8080 ');
  });

  it('presents the certificate and asks for the server name over TLS', () => {
    const tls = { ca: 'PEM', certificate: 'PEM', key: 'PEM', serverName: 'sni.test' };
    expect(curl({ host: 'a.test', tls, protocol: 'h2' }, { ca: '/e/ca.pem', certificate: '/e/c.pem', key: '/e/k.pem' })).toBe(
      'curl -sSi --http2 --cacert /e/ca.pem --cert /e/c.pem --key /e/k.pem --connect-to sni.test:443:198.19.240.1:8080 ' +
        "-H 'Host: a.test' -H 'x-gauntlet-id: id-1' --path-as-is --globoff https://sni.test/",
    );
    expect(curl({ tls: {} })).toBe(
      "curl -sSi --http1.1 --insecure -H 'x-gauntlet-id: id-1' --path-as-is --globoff https://198.19.240.1:8080/",
    );
  });

  it.each<[string, ProbeRequest, string]>([
    ['h2 without TLS', { protocol: 'h2' }, '--http2-prior-knowledge'],
    ['a method', { method: 'DELETE' }, '-X DELETE'],
    ['HEAD, which has no body to wait for', { method: 'HEAD' }, '--head'],
    [
      'a body without a content type',
      { method: 'PUT', body: 'a=b' },
      "-X PUT --http1.1 -H 'x-gauntlet-id: id-1' -H Content-Type: --data-raw 'a=b'",
    ],
    ['a body that is no text', { method: 'PUT', body: 'H4s=', bodyEncoding: 'base64' }, '-H Content-Type: --data-binary @- --path-as-is'],
    ['a host that fits into no URL', { host: 'a b/c' }, "-H 'Host: a b/c'"],
    ['HTTP/1.0 without a Host', { protocol: 'http/1.0' }, '--http1.0 -H Host:'],
    ['a PROXY header', { proxyProtocol: { version: 1, source: '203.0.113.7' }, tls: {} }, '--haproxy-protocol --insecure'],
    ['versions of TLS', { tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }, '--tlsv1.2 --tls-max 1.2'],
    ['the old ones, that OpenSSL must be told to', { tls: { maxVersion: 'TLSv1.1' } }, "--ciphers 'DEFAULT:@SECLEVEL=0'"],
    [
      'cipher suites, curves, and no ALPN',
      { tls: { ciphers: ['TLS_AES_128_GCM_SHA256', 'ECDHE-RSA-AES128-SHA'], curves: ['X25519', 'P-256'], alpn: [] } },
      '--ciphers ECDHE-RSA-AES128-SHA --tls13-ciphers TLS_AES_128_GCM_SHA256 --curves X25519:P-256 --no-alpn',
    ],
    ['the upgrade to a WebSocket', { webSocket: 'hello' }, "-H 'Upgrade: websocket'"],
  ])('sends %s', (_, request, part) => {
    expect(curl(request)).toContain(part);
  });

  it('reads secret fields from a file', () => {
    const command = curl({ headers: { Authorization: 'Bearer secret' } }, { headers: { authorization: 'token.header' } });
    expect(command).toContain('-H @token.header');
    expect(command).not.toContain('secret');
  });

  it('writes an IPv6 address in brackets', () => {
    const command = curlCommand({ id: 'i', endpoint: { address: 'fd00::1', port: 80 }, request: { host: 'a.test' } });
    expect(wordsOf(command)).toContain('a.test:80:[fd00::1]:80');
  });
});

describe('shellQuote', () => {
  it('is read back by a shell as it was', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0') && word.isWellFormed()),
          { minLength: 1 },
        ),
        (words) => {
          expect(wordsOf(words.map(shellQuote).join(' '))).toEqual(words);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('quotes what a whole command may carry', () => {
    const value = `it's "a" $(touch x) \`y\` \\ \n!*`;
    expect(wordsOf(curl({ headers: { 'x-a': value } }))).toContain(`x-a: ${value}`);
  });
});

describe('shellQuoteBytes', () => {
  it('hands on exactly the bytes of a header field', () => {
    const field = fc.string({ unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)), minLength: 1 });
    fc.assert(
      fc.property(field, (text) => {
        // A shell strips line breaks from the end of what a command says, and a header field has none.
        const word = `x: ${text.replaceAll(/[\r\n]/g, '')}.`;
        const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellQuoteBytes(word)}`]);
        expect(stdout.toString('latin1')).toBe(word);
      }),
      { numRuns: 50 },
    );
  });
});
