// SPDX-License-Identifier: Apache-2.0
import { createHash, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import { createProbe } from './client.ts';
import type { ProbeTls } from './exchange.ts';
import { createAuthority, h2Server, httpsServer, type TestAuthority } from './test-servers.ts';

const probe = createProbe({ timeout: seconds(5) });
let ours: TestAuthority;

beforeAll(async () => {
  ours = await createAuthority('ours');
});

afterAll(() => probe[Symbol.asyncDispose]());

const suite = { openssl: 'ECDHE-ECDSA-AES256-GCM-SHA384', iana: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384' };

describe.each(['http/1.1', 'h2'] as const)('the probe over TLS with %s', (protocol) => {
  const serve = (more = {}) => {
    const options = { cert: ours.server.certificate, key: ours.server.key, ...more };
    return protocol === 'h2' ? h2Server(options, (_, response) => response.end()) : httpsServer(options, (_, response) => response.end());
  };
  const request = (tls: ProbeTls = {}) => ({ protocol, host: 'a.test', tls: { ca: ours.ca, ...tls } });

  it('tells what was negotiated, on a pooled connection too', async () => {
    await using server = await serve();
    const sha256 = createHash('sha256').update(new X509Certificate(ours.server.certificate).raw).digest('hex');
    const expected = {
      protocol: 'TLSv1.3',
      curve: 'X25519',
      alpn: protocol,
      server: { subject: 'CN=a.test', sans: ['DNS:a.test'], sha256 },
    };
    for (const curves of [['X25519'], ['X25519']]) {
      expect((await probe.send(server.endpoint, request({ curves }))).tls).toMatchObject(expected);
    }
    expect(server.connections()).toBe(1);
  });

  it('offers the versions, suites and curves that are asked for', async () => {
    await using server = await serve();
    const { tls } = await probe.send(server.endpoint, request({ maxVersion: 'TLSv1.2', ciphers: [suite.openssl], curves: ['P-256'] }));
    expect(tls).toMatchObject({ protocol: 'TLSv1.2', cipher: suite.iana, curve: 'prime256v1' });
  });

  it.each<[string, ProbeTls, object]>([
    ['version', { maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }],
    ['old version', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }, {}],
    ['suite', { maxVersion: 'TLSv1.2', ciphers: [suite.openssl] }, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }],
    ['curve', { curves: ['P-384'] }, { ecdhCurve: 'X25519' }],
  ])('is refused in the TLS layer where no %s is common', async (_what, tls, server) => {
    await using strict = await serve(server);
    const exchange = await probe.send(strict.endpoint, request(tls));
    expect(exchange).toMatchObject({ error: { layer: 'tls' } });
    expect(exchange).not.toHaveProperty('tls');
  });

  it('speaks TLS 1.1 where a server still does', async () => {
    await using server = await serve({ minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    const { tls } = await probe.send(server.endpoint, request({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' }));
    expect(tls).toMatchObject({ protocol: 'TLSv1.1' });
  });
});

describe('ALPN', () => {
  it('offers what is asked for, and tells what was chosen', async () => {
    await using server = await httpsServer({ cert: ours.server.certificate, key: ours.server.key }, (_, response) => response.end());
    const chosen = async (alpn: readonly string[]) => {
      const { response, tls } = await probe.send(server.endpoint, { tls: { alpn } });
      return [response?.status, tls?.alpn];
    };
    expect(await chosen(['h2', 'http/1.1'])).toEqual([200, 'http/1.1']);
    expect(await chosen([])).toEqual([200, undefined]);
  });
});
