// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { promisify } from 'node:util';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { certificateAuthority, type Authority, type Identity } from '../../fixtures/certificates/authority.ts';
import { minutes } from '../../harness/units.ts';
import { echoKind } from '../echo/server.ts';
import { extAuthzKind } from '../ext-authz/server.ts';
import { grpcService } from '../grpc/service.ts';
import { Instance } from './instance.ts';
import { tlsSettingsSchema, type TlsProgram } from './tls-settings.ts';

let servers: Authority;
let clients: Authority;
let server: Identity;
let alice: Identity;
let echo: Instance;
let folder: string;

beforeAll(async () => {
  [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
  server = await servers.issue({ name: 'echo.test', usage: 'server' });
  alice = await clients.issue({ name: 'alice', usage: 'client', dnsNames: ['alice.test', 'a.test'] });
});

beforeEach(async () => {
  echo = await Instance.open(echoKind, {}, { name: 'echo', address: '127.0.0.1', ports: () => 0 });
  folder = await mkdtemp(join(tmpdir(), 'gauntlet-tls-'));
});

afterEach(async () => {
  await echo[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function serve(instance: Instance, settings: Partial<TlsProgram> = {}): void {
  instance.setTls(tlsSettingsSchema.parse({ ...server, ...settings }));
}

/** curl, that nobody here wrote; resolves to its exit code and what it printed. */
async function curl(...flags: string[]): Promise<{ readonly code: number; readonly out: string }> {
  await Promise.all([
    writeFile(join(folder, 'ca.pem'), servers.certificate),
    writeFile(join(folder, 'cert.pem'), alice.certificate),
    writeFile(join(folder, 'key.pem'), alice.key),
  ]);
  const words = [
    '-sS',
    '--cacert',
    'ca.pem',
    '--connect-to',
    `echo.test:443:127.0.0.1:${echo.port}`,
    '-H',
    'x-gauntlet-id: id-1',
    ...flags,
  ];
  return promisify(execFile)('curl', [...words, 'https://echo.test/'], { cwd: folder }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: unknown) => {
      const { code, stdout } = error as { readonly code: number; readonly stdout: string };
      return { code, out: stdout };
    },
  );
}

const showing = ['--cert', 'cert.pem', '--key', 'key.pem'];

describe('curl, to an echo over TLS', () => {
  it.each([
    ['--http1.1', 'http/1.1', 'HTTP/1.1'],
    ['--http2', 'h2', 'HTTP/2.0'],
  ])('%s is answered, and its arrival tells of the connection', async (flag, alpn, protocol) => {
    serve(echo);
    const { out } = await curl(flag);
    expect(JSON.parse(out)).toMatchObject({ peer: 'echo', protocol });
    expect(echo.arrivals('id-1')).toMatchObject([
      { tls: { protocol: 'TLSv1.3', cipher: expect.stringMatching(/^TLS_/) as string, sni: 'echo.test', alpn } },
    ]);
    expect(echo.arrivals('id-1')[0]?.tls).not.toHaveProperty('client');
    expect(echo.handshakes).toEqual({ completed: 1, failed: 0, failures: [] });
  });

  it('shows its certificate, which the arrival describes', async () => {
    serve(echo, { clients: { ca: clients.certificate } });
    expect((await curl(...showing)).code).toBe(0);
    const sha256 = new X509Certificate(alice.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(echo.arrivals('id-1')[0]?.tls?.client).toEqual({
      subject: 'CN=alice',
      sans: ['DNS:alice.test', 'DNS:a.test'],
      sha256,
      trusted: true,
    });
  });

  it('is refused without a certificate, and with one of another authority, before anything arrives', async () => {
    serve(echo, { clients: { ca: clients.certificate } });
    expect((await curl()).code).not.toBe(0);
    serve(echo, { clients: { ca: servers.certificate } });
    expect((await curl(...showing)).code).not.toBe(0);
    expect(echo.arrivals()).toEqual([]);
    expect(echo.handshakes).toMatchObject({ completed: 0, failed: 1 });
  });

  it('is only asked where that was said, and its certificate is not trusted then', async () => {
    serve(echo, { clients: { mode: 'ask' } });
    expect((await curl()).code).toBe(0);
    expect((await curl(...showing)).code).toBe(0);
    expect(echo.arrivals('id-1').map(({ tls }) => tls?.client?.trusted)).toEqual([undefined, false]);
  });

  it('speaks the version and the cipher suite that there are, or none', async () => {
    serve(echo, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' });
    expect((await curl()).code).toBe(0);
    expect(echo.arrivals('id-1')).toMatchObject([{ tls: { protocol: 'TLSv1.2', cipher: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256' } }]);
    expect((await curl('--tls-max', '1.2', '--ciphers', 'ECDHE-ECDSA-AES256-GCM-SHA384')).code).toBe(35);
    expect((await curl('--tlsv1.3')).code).toBe(35);
  });

  it.each([
    // curl looks at the name when the handshake is over.
    ['of another name', '', () => servers.issue({ name: 'other.test', usage: 'server' })],
    [
      'that has expired',
      'CERTIFICATE_EXPIRED',
      () => servers.issue({ name: 'echo.test', usage: 'server', validSince: minutes(120), validFor: minutes(60) }),
    ],
    ['of an authority that it does not know', 'UNKNOWN_CA', () => clients.issue({ name: 'echo.test', usage: 'server' })],
  ])('refuses a certificate %s, and the echo knows why', async (_what, alert, issue) => {
    serve(echo, await issue());
    expect((await curl()).code).toBe(60);
    expect(echo.arrivals()).toEqual([]);
    expect(echo.handshakes).toMatchObject(alert === '' ? { completed: 1 } : { failures: [expect.stringContaining(alert) as string] });
  });

  it('meets a fault in the place of the handshake', async () => {
    serve(echo);
    await echo.setFault('reset');
    expect((await curl()).code).toBe(35);
    await echo.setFault('half-close');
    expect((await curl()).code).toBe(35);
    await echo.setFault({ status: 503 });
    expect((await curl('-w', '%{http_code}')).out).toBe('503');
    await echo.setFault({ slow: { bytesPerSecond: 1_000_000 } });
    expect((await curl()).code).toBe(0);
    expect(echo.arrivals('id-1')).toMatchObject([{ tls: { sni: 'echo.test' } }]);
  });
});

describe('the echo', () => {
  it('serves HTTP/2 to a client without ALPN, and each stream knows the connection', async () => {
    serve(echo, { alpn: [] });
    const options: ConnectionOptions = { port: echo.port, host: '127.0.0.1', ca: servers.certificate, servername: 'echo.test' };
    const session = connectHttp2('https://echo.test', { createConnection: () => connectTls(options) });
    for (const id of ['a', 'b']) {
      const stream = session.request({ ':path': '/', 'x-gauntlet-id': id });
      await once(stream.resume(), 'close');
    }
    session.destroy();
    expect(echo.arrivals().map(({ id, tls }) => [id, tls?.sni, tls?.alpn])).toEqual([
      ['a', 'echo.test', undefined],
      ['b', 'echo.test', undefined],
    ]);
    expect(echo.handshakes?.completed).toBe(1);
  });

  it('cuts what was open when it begins or ceases to serve TLS', async () => {
    serve(echo);
    const socket = connectTls({ port: echo.port, host: '127.0.0.1', ca: servers.certificate, servername: 'echo.test' });
    await once(socket, 'secureConnect');
    const closed = once(socket, 'close').catch((error: unknown) => error);
    echo.setTls(undefined);
    await closed;
    expect(echo.handshakes).toBeUndefined();
    expect((await curl()).code).not.toBe(0);
  });
});

it('gRPC over TLS: the arrival tells of the connection', async () => {
  await using authorization = await Instance.open(extAuthzKind, {}, { name: 'ext-authz', address: '127.0.0.1', ports: () => 0 });
  serve(authorization, { clients: { ca: clients.certificate } });
  const Client = makeClientConstructor(grpcService('envoy.service.auth.v3.Authorization'), 'Authorization');
  const channel = credentials.createSsl(Buffer.from(servers.certificate), Buffer.from(alice.key), Buffer.from(alice.certificate));
  const client = new Client(`127.0.0.1:${authorization.port}`, channel, { 'grpc.ssl_target_name_override': 'echo.test' });
  const check = promisify(
    client['check']?.bind(client) as (request: object, done: (error: Error | null, answer?: unknown) => void) => void,
  );
  await check({ attributes: { request: { http: { headers: { 'x-gauntlet-id': 'id-1' } } } } });
  client.close();
  expect(authorization.arrivals('id-1')).toMatchObject([
    { tls: { sni: 'echo.test', alpn: 'h2', client: { subject: 'CN=alice', trusted: true } } },
  ]);
});

describe('settings', () => {
  it.each([
    ['without a key', () => ({ key: '' })],
    ['with the key of another certificate', () => ({ key: alice.key })],
    ['with a cipher suite that does not exist', () => ({ ciphers: 'NOPE' })],
  ])('%s are refused', (_what, change) => {
    expect(tlsSettingsSchema.safeParse({ ...server, ...change() }).success).toBe(false);
  });
});
