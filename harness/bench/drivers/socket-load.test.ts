// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { createAuthority, type TestAuthority } from '../../probe/test-servers.ts';
import { loadWithSockets, readSocketLoad, type SocketLoadOptions, type SocketLoadResult } from './socket-load.ts';

const report = (changes: object = {}): string =>
  [
    JSON.stringify({
      ...{ done: 9, failed: 1, reached: 10, resumed: 8, microseconds: 500_000, reasons: { 'Wrong: HTTP/1.1 503': 1 } },
      latency: [
        [50, 5],
        [200, 4],
      ],
      ...changes,
    }),
    '0m0.010000s 0m0.000000s',
    '0m0.250000s 0m0.500000s',
  ].join('\n');
const unusable: unknown = expect.objectContaining({ code: 'GAUNTLET_LOAD' });

describe('a report of load over sockets', () => {
  it('is told in what was served, seconds and a histogram', () => {
    const { latency, ...rest } = readSocketLoad(report());
    expect(rest).toEqual({ served: 9, failed: 1, resumed: 8, seconds: 0.5, cpuSeconds: 0.75, reasons: { 'Wrong: HTTP/1.1 503': 1 } });
    expect([latency.totalCount, latency.getValueAtPercentile(50), latency.getValueAtPercentile(99)]).toEqual([9, 50, 200]);
  });

  it('that is none, or reached nobody, is no result', () => {
    for (const output of [
      '',
      report({ done: -1 }),
      report({ reached: 0 }),
      report({ done: 0, failed: 0 }),
      report().replace(/\n0m0\.2.*/, ''),
    ])
      expect(() => readSocketLoad(output)).toThrow(unusable);
  });

  it('of which everything failed is one', () => {
    expect(readSocketLoad(report({ done: 0, latency: [] }))).toMatchObject({ served: 0, failed: 1 });
  });
});

describe('load over sockets', () => {
  let ours: TestAuthority;
  beforeAll(async () => {
    ours = await createAuthority('ours');
  });

  const load = async (server: Server, options: Omit<SocketLoadOptions, 'endpoint' | 'host' | 'path' | 'seconds' | 'processors'>) => {
    onTestFinished(() => void server.close());
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const endpoint = { address: '127.0.0.1', port };
    return loadWithSockets('python3', { ...options, endpoint, host: 'a.test', path: '/0k', seconds: 1, processors: '0' });
  };
  const shareOf = ({ resumed, served }: SocketLoadResult): number => resumed / served;
  const secure = (more: https.ServerOptions, answer: http.RequestListener): Server =>
    https.createServer({ cert: ours.server.certificate, key: ours.server.key, ...more }, answer);

  it('makes a connection for each request, each with a whole handshake, and counts what is refused', async () => {
    const seen = { connections: 0, requests: 0, refused: 0, resumed: 0 };
    const server = secure({}, ({ headers }, response) => {
      seen.requests += 1;
      const isServed = headers.host === 'a.test' && seen.requests % 4 !== 0;
      if (!isServed) seen.refused += 1;
      response.statusCode = isServed ? 200 : 503;
      response.end();
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      seen.connections += 1;
      if (socket.isSessionReused()) seen.resumed += 1;
    });
    const result = await load(server, { work: 'handshakes', bytes: 0, connections: 4, tls: {} });
    expect(result.served).toBeGreaterThan(0);
    expect([seen.resumed, result.resumed, result.latency.totalCount]).toEqual([0, 0, result.served]);
    expect([result.served + result.failed, result.failed]).toEqual([seen.connections, seen.refused]);
    expect(result.reasons).toEqual({ 'Wrong: HTTP/1.1 503 Service Unavailable': result.failed });
    expect(result.cpuSeconds).toBeGreaterThan(0);
  });

  it('says how many sessions were taken up: all of them, or none', async () => {
    const answer: http.RequestListener = (_, response) => response.end();
    let reused = 0;
    const willing = secure({}, answer).on('secureConnection', (socket: TLSSocket) => (reused += socket.isSessionReused() ? 1 : 0));
    const resumed = await load(willing, { work: 'handshakes', bytes: 0, connections: 2, tls: { resumes: true } });
    expect([shareOf(resumed), resumed.failed, resumed.resumed]).toEqual([1, 0, reused]);
    // Its keys for sessions change faster than anybody comes back with one.
    let turn = 0;
    const forgetful = https.createServer({ cert: ours.server.certificate, key: ours.server.key }, answer);
    forgetful.on('connection', () => forgetful.setTicketKeys(Buffer.alloc(48, (turn += 1))));
    const whole = await load(forgetful, { work: 'handshakes', bytes: 0, connections: 1, tls: { resumes: true } });
    expect([shareOf(whole), whole.failed]).toEqual([0, 0]);
  });

  it('shows its certificate, over kept connections too, and fails where it has none to show', async () => {
    let connections = 0;
    const server = secure({ requestCert: true, rejectUnauthorized: true, ca: ours.ca }, (_, response) => response.end('right'));
    server.on('secureConnection', () => (connections += 1));
    const known = await load(server, { work: 'requests', bytes: 5, connections: 3, tls: { identity: ours.client } });
    expect([known.failed, connections]).toEqual([0, 3]);
    expect(known.served).toBeGreaterThan(connections);
    const stranger = await load(server, { work: 'handshakes', bytes: 5, connections: 2, tls: {} });
    expect(stranger.served).toBe(0);
    expect(stranger.failed).toBeGreaterThan(0);
  });

  it('takes a body of another length for wrong', async () => {
    const server = http.createServer((_, response) => response.end('short'));
    expect(await load(server, { work: 'requests', bytes: 6, connections: 1 })).toMatchObject({ served: 0 });
  });

  it.each([0, 125, 126, 16_384])('sends messages of %i bytes over WebSocket, and looks at what comes back', async (bytes) => {
    const sizes = new Set<number>();
    const server = http.createServer();
    const sockets = new WebSocketServer({ server, perMessageDeflate: false });
    let count = 0;
    sockets.on('connection', (socket) =>
      socket.on('message', (data: Buffer, binary) => {
        sizes.add(data.length);
        // A changed byte is a wrong message.
        if (bytes > 0 && (count += 1) === 10) data[0] = (data[0] ?? 0) ^ 1;
        socket.send(data, { binary });
      }),
    );
    const { served, failed, reasons } = await load(server, { work: 'messages', bytes, connections: 2 });
    expect(served).toBeGreaterThan(10);
    expect([...sizes]).toEqual([bytes]);
    expect([failed, Object.keys(reasons)]).toEqual(bytes > 0 ? [1, ['Wrong: another message came back']] : [0, []]);
  });

  it('that reaches nobody is no result', async () => {
    const load = { host: 'a.test', path: '/', connections: 1, seconds: 1, processors: '0', work: 'requests', bytes: 0 } as const;
    await expect(loadWithSockets('python3', { ...load, endpoint: { address: '127.0.0.1', port: 1 } })).rejects.toMatchObject({
      code: 'GAUNTLET_LOAD',
    });
  });
});
