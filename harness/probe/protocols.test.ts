// SPDX-License-Identifier: Apache-2.0
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { milliseconds, seconds } from '../units.ts';
import { createProbe } from './client.ts';
import type { Exchange, ProbeRequest, ProxyHeader } from './exchange.ts';
import { proxyHeader } from './proxy-header.ts';
import { createAuthority, h2Server, httpServer, httpsServer, tcpServer, type TestAuthority, type TestServer } from './test-servers.ts';

const probe = createProbe({ timeout: seconds(10) });
afterAll(() => probe[Symbol.asyncDispose]());

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createAuthority('ours');
});
const serverTls = () => ({ cert: authority.server.certificate, key: authority.server.key });
const failureOf = ({ error }: Exchange) => `${error?.layer} ${error?.code}`;

describe('the header of the PROXY protocol', () => {
  const endpoint = { address: '198.19.240.1', port: 8443 };

  it('of version 1 is a line', () => {
    expect(proxyHeader({ version: 1, source: '203.0.113.7' }, endpoint).toString()).toBe(
      'PROXY TCP4 203.0.113.7 198.19.240.1 56324 8443\r\n',
    );
    expect(proxyHeader({ version: 1, source: '2001:db8::7' }, endpoint).toString()).toBe('PROXY TCP6 2001:db8::7 ::1 56324 8443\r\n');
  });

  it('of version 2 is binary', () => {
    expect(proxyHeader({ version: 2, source: '203.0.113.7' }, endpoint).toString('hex')).toBe(
      '0d0a0d0a000d0a515549540a2111000ccb007107c613f001dc0420fb',
    );
    expect(proxyHeader({ version: 2, source: '2001:db8::7' }, endpoint).toString('hex')).toBe(
      '0d0a0d0a000d0a515549540a2121002420010db800000000000000000000000700000000000000000000000000000001dc0420fb',
    );
  });

  /** In front of a server: takes so many bytes off each connection and passes the rest on. */
  async function behindProxyHeader(server: TestServer, length: number): Promise<TestServer & { readonly headers: string[] }> {
    const headers: string[] = [];
    const front = createTcpServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('readable', () => {
          headers.push((socket.read(length) as Buffer).toString('latin1'));
          const inner = connect({ host: server.endpoint.address, port: server.endpoint.port });
          inner.on('error', () => socket.destroy());
          socket.pipe(inner).pipe(socket);
        });
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const address = front.address();
    return {
      headers,
      endpoint: { address: '127.0.0.1', port: address !== null && typeof address === 'object' ? address.port : 0 },
      connections: () => headers.length,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        await new Promise((resolve) => front.close(resolve));
      },
    };
  }

  const ways: readonly [string, () => Promise<TestServer>, ProbeRequest][] = [
    ['HTTP/1.1', () => httpServer((_, response) => response.end('yes')), {}],
    ['HTTP/1.0', () => httpServer((_, response) => response.end('yes')), { protocol: 'http/1.0', host: 'a.test' }],
    ['TLS', () => httpsServer(serverTls(), (_, response) => response.end('yes')), { host: 'a.test', tls: {} }],
    ['HTTP/2 over TLS', () => h2Server(serverTls(), (_, response) => response.end('yes')), { host: 'a.test', tls: {}, protocol: 'h2' }],
  ];

  it.each(ways)('comes before %s, on a connection of its own', async (_, serve, request) => {
    const proxyProtocol: ProxyHeader = { version: 2, source: '203.0.113.7' };
    await using server = await behindProxyHeader(await serve(), 28);
    const asked = { ...request, ...(request.tls && { tls: { ca: authority.ca } }), proxyProtocol };
    const exchanges = [await probe.send(server.endpoint, asked), await probe.send(server.endpoint, asked)];
    expect(exchanges.map(({ response, error }) => response?.body ?? error)).toEqual(['yes', 'yes']);
    expect(server.headers).toEqual(Array.from({ length: 2 }, () => proxyHeader(proxyProtocol, server.endpoint).toString('latin1')));
  });

  it('does not hide at which layer a connection failed', async () => {
    const request: ProbeRequest = { tls: {}, proxyProtocol: { version: 1, source: '203.0.113.7' } };
    await using server = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(failureOf(await probe.send(server.endpoint, request))).toBe('tls ECONNRESET');
    await server[Symbol.asyncDispose]();
    expect(failureOf(await probe.send(server.endpoint, request))).toBe('connect ECONNREFUSED');
  });
});

describe('HTTP/1.0', () => {
  it('has no Host unless there is one', async () => {
    await using server = await httpServer((request, response) => response.end(`${request.httpVersion} ${request.headers.host}`));
    expect((await probe.send(server.endpoint, { protocol: 'http/1.0' })).response).toMatchObject({ status: 200, body: '1.0 undefined' });
    expect((await probe.send(server.endpoint, { protocol: 'http/1.0', host: 'a.test' })).response?.body).toBe('1.0 a.test');
  });

  it('has a body in both directions', async () => {
    await using server = await httpServer((request, response) => request.pipe(response.setHeader('X-Two', ['1', '2'])));
    const { response } = await probe.send(server.endpoint, { protocol: 'http/1.0', method: 'POST', body: 'ö!' });
    expect(response).toMatchObject({ body: 'ö!', headers: { 'x-two': ['1', '2'] } });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['closes', (socket) => socket.end(), 'http closed'],
    ['says something else', (socket) => socket.end('SSH-2.0\r\n\r\n'), 'http closed'],
    ['resets', (socket) => socket.resetAndDestroy(), 'http ECONNRESET'],
  ])('fails when the server %s', async (_, misbehave, failure) => {
    await using server = await tcpServer((socket) => socket.once('data', () => misbehave(socket)));
    expect(failureOf(await probe.send(server.endpoint, { protocol: 'http/1.0' }))).toBe(failure);
  });

  it('fails when the server is silent', async () => {
    await using server = await tcpServer((socket) => socket.resume());
    await using hurried = createProbe({ timeout: milliseconds(50) });
    expect(failureOf(await hurried.send(server.endpoint, { protocol: 'http/1.0' }))).toBe('http timeout');
  });
});

describe('an exchange until the connection ends', () => {
  it('lasts until the server ends it', async () => {
    await using server = await httpServer((_, response) => response.end('yes'));
    await using fixed = createProbe({ timeout: seconds(10) });
    const answered = Promise.withResolvers<Socket>();
    await using patient = await tcpServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nyes', () => answered.resolve(socket)));
    });
    const exchange = fixed.send(patient.endpoint, { untilClosed: true });
    const socket = await answered.promise;
    // The client has all of the answer now; did it not wait, it would be done before an exchange with another server is.
    const other = fixed.send(server.endpoint, {}).then(() => 'still open');
    expect(await Promise.race([other, exchange])).toBe('still open');
    socket.end();
    expect((await exchange).response?.body).toBe('yes');
    await using hurried = createProbe({ timeout: milliseconds(100) });
    expect(failureOf(await hurried.send(server.endpoint, { untilClosed: true }))).toBe('http timeout');
  });
});

describe('header names', () => {
  it('are sent as written and kept as received', async () => {
    await using server = await httpServer((request, response) => {
      response.writeHead(200, ['ReSpOnSe', '1']);
      response.end(request.rawHeaders.includes('X-CaSeD') ? 'cased' : 'not');
    });
    const { response } = await probe.send(server.endpoint, { headers: { 'X-CaSeD': '1' } });
    expect(response).toMatchObject({ body: 'cased', headers: { response: ['1'] } });
    expect(response?.writtenNames).toContain('ReSpOnSe');
  });
});

describe('a WebSocket, served by ws', () => {
  const open = async (path?: string) => {
    const wss = new WebSocketServer({ host: '127.0.0.1', port: 0, ...(path === undefined ? {} : { path }) });
    wss.on('connection', (socket, request) => {
      socket.on('message', (data: Buffer) =>
        socket.send(`${data.toString()} ${request.headers.host} ${typeof request.headers['x-gauntlet-id']}`),
      );
    });
    await new Promise((resolve) => wss.once('listening', resolve));
    const address = wss.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      endpoint: { address: '127.0.0.1', port },
      [Symbol.asyncDispose]: () => new Promise<void>((resolve) => wss.close(() => resolve())),
    };
  };

  it('answers with the first message', async () => {
    await using server = await open();
    const { response } = await probe.send(server.endpoint, { host: 'a.test', webSocket: 'hello' });
    expect(response).toMatchObject({ status: 101, body: 'hello a.test string', headers: { upgrade: ['websocket'] } });
  });

  it('answers with what came in its place', async () => {
    await using server = await open('/elsewhere');
    expect((await probe.send(server.endpoint, { webSocket: 'hello' })).response).toMatchObject({ status: 400, body: 'Bad Request' });
  });

  it('fails when there is no answer', async () => {
    await using server = await tcpServer((socket) => socket.once('data', () => socket.destroy()));
    expect(failureOf(await probe.send(server.endpoint, { webSocket: 'hello' }))).toBe('http closed');
    await using silent = await tcpServer((socket) => socket.resume());
    await using hurried = createProbe({ timeout: milliseconds(50) });
    expect(failureOf(await hurried.send(silent.endpoint, { webSocket: 'hello' }))).toBe('http timeout');
    await server[Symbol.asyncDispose]();
    expect(failureOf(await probe.send(server.endpoint, { webSocket: 'hello' }))).toBe('connect ECONNREFUSED');
  });
});
