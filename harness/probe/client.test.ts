// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { milliseconds, seconds } from '../units.ts';
import { createProbe } from './client.ts';
import type { Exchange } from './exchange.ts';
import { createAuthority, h2cServer, h2Server, httpServer, httpsServer, tcpServer, type TestAuthority } from './test-servers.ts';

const probe = createProbe({ timeout: seconds(10) });
afterAll(() => probe[Symbol.asyncDispose]());

let ours: TestAuthority;
let theirs: TestAuthority;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([createAuthority('ours'), createAuthority('theirs')]);
});

const serverTls = (more = {}) => ({ cert: ours.server.certificate, key: ours.server.key, ...more });
const failureOf = ({ error }: Exchange) => `${error?.layer} ${error?.code}`;

describe('an answer over HTTP/1.1', () => {
  it('keeps repeated and chunked parts as they were received', async () => {
    await using server = await httpServer((_, response) => {
      response.writeHead(418, ['Set-Cookie', 'a=1', 'X-One', 'x', 'Set-Cookie', 'b=2']);
      response.write('first ');
      response.end('second');
    });
    const { response } = await probe.send(server.endpoint, {});
    expect(response).toMatchObject({ status: 418, body: 'first second', headers: { 'set-cookie': ['a=1', 'b=2'], 'x-one': ['x'] } });
  });

  it('came to the request that was asked for, once, under its id', async () => {
    await using server = await httpServer((request, response) => {
      request.on('data', (chunk: Buffer) => response.write(chunk));
      request.on('end', () => response.end(JSON.stringify([request.method, request.url, request.rawHeaders])));
    });
    await using counting = createProbe({ timeout: seconds(10), newId: () => 'id-7', clock: () => 1000 });
    const request = {
      method: 'POST',
      path: '//a/../b?c',
      host: 'a.test',
      headers: { 'X-Twice': ['1', '2'], Accept: 'text/plain' },
      body: 'ö ',
    };
    const exchange = await counting.send(server.endpoint, request);
    expect(exchange).toMatchObject({ id: 'id-7', sentAt: 1000, durationMs: 0, request });
    const [method, path, headers] = JSON.parse(exchange.response?.body.slice(2) ?? '') as [string, string, string[]];
    expect([method, path]).toEqual(['POST', '//a/../b?c']);
    expect(headers).toEqual([
      ...['host', 'a.test', 'x-gauntlet-id', 'id-7', 'user-agent', 'gauntlet', 'content-length', '3'],
      ...['X-Twice', '1', 'X-Twice', '2', 'Accept', 'text/plain', 'Connection', 'keep-alive'],
    ]);
  });

  it('keeps at most 64 KiB of an endless body', async () => {
    await using server = await httpServer((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000, 'x')));
      };
      response.on('drain', more);
      more();
    });
    const { response } = await probe.send(server.endpoint, {});
    expect(response?.body).toBe('x'.repeat(65_536));
  });

  it('comes over a pooled connection, or over one of its own with the same header', async () => {
    await using server = await httpServer((request, response) => response.end(request.headers.connection));
    const send = async (freshConnection: boolean) => (await probe.send(server.endpoint, { freshConnection })).response?.body;
    expect([await send(false), await send(false)]).toEqual(['keep-alive', 'keep-alive']);
    expect(server.connections()).toBe(1);
    expect([await send(true), await send(true)]).toEqual(['keep-alive', 'keep-alive']);
    expect(server.connections()).toBe(3);
  });

  it('is reported to the recorder', async () => {
    const recorded: Exchange[] = [];
    await using server = await httpServer((_, response) => response.end());
    await using recording = createProbe({ timeout: seconds(10), onExchange: (exchange) => recorded.push(exchange) });
    const exchanges = [await recording.send(server.endpoint, {}), await recording.send({ address: '127.0.0.1', port: 1 }, {})];
    expect(recorded).toEqual(exchanges);
    expect(new Set(exchanges.map(({ id }) => id)).size).toBe(2);
  });
});

describe.each(['http/1.1', 'h2'] as const)('no answer over %s without TLS', (protocol) => {
  it('because nothing listens', async () => {
    const server = await tcpServer(() => undefined);
    await server[Symbol.asyncDispose]();
    expect(failureOf(await probe.send(server.endpoint, { protocol }))).toBe('connect ECONNREFUSED');
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['reset', (socket) => socket.once('data', () => socket.resetAndDestroy()), 'http ECONNRESET'],
    ['closed', (socket) => socket.once('data', () => socket.destroy()), 'http closed'],
    ['half-closed', (socket) => socket.once('data', () => socket.end()), 'http closed'],
  ])('because the connection is %s', async (_, misbehave, failure) => {
    await using server = await tcpServer(misbehave);
    expect(failureOf(await probe.send(server.endpoint, { protocol }))).toBe(failure);
  });

  it('because the server is silent', async () => {
    await using server = await tcpServer((socket) => socket.resume());
    await using hurried = createProbe({ timeout: milliseconds(50) });
    const { error } = await hurried.send(server.endpoint, { protocol });
    expect(error).toEqual({ layer: 'http', code: 'timeout', message: 'no answer within 50 ms' });
  });
});

describe('a broken answer', () => {
  it('that is no HTTP', async () => {
    await using server = await tcpServer((socket) => socket.once('data', () => socket.end('SSH-2.0\r\n\r\n')));
    expect(failureOf(await probe.send(server.endpoint, {}))).toMatch(/^http HPE_/);
  });

  it('that breaks off in its body', async () => {
    await using server = await tcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort')),
    );
    const exchange = await probe.send(server.endpoint, {});
    expect(exchange.error).toEqual({
      layer: 'http',
      code: 'closed',
      message: 'the answer began with status 200 and broke off after 5 bytes of body',
    });
    expect(exchange.response).toBeUndefined();
  });
});

describe.each(['http/1.1', 'h2'] as const)('TLS with %s', (protocol) => {
  const serve = (more = {}) =>
    protocol === 'h2'
      ? h2Server(serverTls(more), (request, response) => response.end(`${request.authority} ${request.httpVersion}`))
      : httpsServer(serverTls(more), (request, response) => response.end(`${request.headers.host} ${request.httpVersion}`));
  const request = (tls: object = {}) => ({ protocol, host: 'a.test', tls: { ca: ours.ca, ...tls } });

  it('answers a client that trusts its authority', async () => {
    await using server = await serve();
    expect((await probe.send(server.endpoint, request())).response?.body).toBe(protocol === 'h2' ? 'a.test 2.0' : 'a.test 1.1');
  });

  it('is refused by a client that trusts another authority, unless it does not ask', async () => {
    await using server = await serve();
    expect(failureOf(await probe.send(server.endpoint, request({ ca: theirs.ca })))).toMatch(
      /^tls (UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/,
    );
    expect((await probe.send(server.endpoint, { protocol, tls: {} })).response?.status).toBe(200);
  });

  it('is refused by a client that expects another name', async () => {
    await using server = await serve();
    expect(failureOf(await probe.send(server.endpoint, request({ serverName: 'b.test' })))).toBe('tls ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('sends the server name that is asked for', async () => {
    const names: string[] = [];
    const SNICallback = (name: string, done: (error: null) => void): void => {
      names.push(name);
      done(null);
    };
    await using server = await serve({ SNICallback });
    await probe.send(server.endpoint, { protocol, host: 'a.test:8443', tls: {} });
    await probe.send(server.endpoint, { protocol, host: 'a.test', tls: { serverName: 'sni.test' } });
    expect(names).toEqual(['a.test', 'sni.test']);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s that requires a client certificate', (version) => {
    const strict = () => serve({ minVersion: version, maxVersion: version, requestCert: true, rejectUnauthorized: true, ca: ours.ca });

    it('answers the right one', async () => {
      await using server = await strict();
      const { certificate, key } = ours.client;
      expect((await probe.send(server.endpoint, request({ certificate, key }))).response?.status).toBe(200);
    });

    it('refuses none and the wrong one in the TLS layer', async () => {
      await using server = await strict();
      const none = await probe.send(server.endpoint, request());
      const wrong = await probe.send(server.endpoint, request({ certificate: theirs.client.certificate, key: theirs.client.key }));
      expect([none.error?.layer, wrong.error?.layer]).toEqual(['tls', 'tls']);
      expect([none.response, wrong.response]).toEqual([undefined, undefined]);
    });

    it('never takes a connection that someone else opened', async () => {
      await using server = await strict();
      const { certificate, key } = ours.client;
      await probe.send(server.endpoint, request({ certificate, key }));
      expect((await probe.send(server.endpoint, request())).error?.layer).toBe('tls');
    });
  });
});

describe('a TLS layer that fails', () => {
  it('because the server speaks plain text', async () => {
    await using server = await httpServer((_, response) => response.end());
    expect((await probe.send(server.endpoint, { tls: {} })).error?.layer).toBe('tls');
  });

  it('because no version is common', async () => {
    await using server = await tcpServer((socket) => socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 70]))));
    const { error } = await probe.send(server.endpoint, { tls: {} });
    expect(error).toMatchObject({ layer: 'tls', code: 'protocol_version' });
  });

  it('because the server hangs up or is silent during the handshake', async () => {
    await using closing = await tcpServer((socket) => socket.once('data', () => socket.end()));
    await using silent = await tcpServer((socket) => socket.resume());
    await using hurried = createProbe({ timeout: milliseconds(50) });
    expect(failureOf(await probe.send(closing.endpoint, { tls: {} }))).toBe('tls closed');
    expect((await hurried.send(silent.endpoint, { tls: {} })).error).toEqual({
      layer: 'tls',
      code: 'timeout',
      message: 'no TLS handshake within 50 ms',
    });
  });

  it('because the server does not speak h2', async () => {
    await using server = await httpsServer(serverTls(), (_, response) => response.end());
    expect(failureOf(await probe.send(server.endpoint, { protocol: 'h2', tls: {} }))).toBe('tls no_application_protocol');
  });
});

describe('HTTP/2', () => {
  it('shares a connection, unless a fresh one is asked for, and opens a new one after the server has gone away', async () => {
    await using server = await h2cServer((request, response) => {
      response.setHeader('x-a', ['1', '2']);
      response.end('x');
      if (request.url === '/bye') request.stream.session?.close();
    });
    const send = (more = {}) => probe.send(server.endpoint, { protocol: 'h2', ...more });
    const [one] = await Promise.all([send(), send()]);
    expect(one.response).toMatchObject({ status: 200, body: 'x', headers: { 'x-a': ['1', '2'] } });
    expect(server.connections()).toBe(1);
    await send({ freshConnection: true });
    expect(server.connections()).toBe(2);
    await send({ path: '/bye' });
    expect((await send()).response?.status).toBe(200);
    expect(server.connections()).toBe(3);
  });

  it('names the error code of a stream that is refused', async () => {
    await using server = await h2cServer((request) => request.stream.close(7));
    expect(failureOf(await probe.send(server.endpoint, { protocol: 'h2' }))).toBe('http REFUSED_STREAM');
  });

  it('says that a body broke off', async () => {
    await using server = await h2cServer((_, response) => {
      response.write('short', () => response.stream.close(2));
    });
    expect((await probe.send(server.endpoint, { protocol: 'h2' })).error?.message).toContain('broke off after');
  });

  it('cannot be spoken with a server of HTTP/1.1', async () => {
    await using server = await httpServer((_, response) => response.end());
    expect((await probe.send(server.endpoint, { protocol: 'h2' })).error?.layer).toBe('http');
  });
});

it('rejects a request that cannot be sent, which is no doing of the gateway', async () => {
  await using server = await httpServer((_, response) => response.end());
  await expect(probe.send(server.endpoint, { headers: { 'x-a': 'line\nbreak' } })).rejects.toThrow(TypeError);
  expect(server.connections()).toBe(0);
});
