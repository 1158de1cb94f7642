// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readlinkSync } from 'node:fs';
import http2 from 'node:http2';
import { expect, it } from 'vitest';
import { bothServer, createAuthority, h2cServer, tcpServer } from '../probe/test-servers.ts';
import { startGenerator } from './generator.ts';
import { carriers, type GeneratorSettings, type Stream } from './streams.ts';

const shares = { 'http/1.1 kept': 1, 'http/1.1 fresh': 1, 'h2 kept': 1, 'h2 fresh': 1 };
const forever = new AbortController().signal;

/** A server that speaks both versions on one port, as a gateway's listener does, and notes which request came over which connection. */
async function bothProtocols() {
  const { certificate: cert, key } = (await createAuthority('gateway')).server;
  const seen: { readonly id: string; readonly port: number | undefined; readonly asksToClose: boolean }[] = [];
  const server = await bothServer({ cert, key }, (request, response) => {
    const { 'x-gauntlet-id': id, connection } = request.headers;
    seen.push({ id: String(id), port: request.socket.remotePort, asksToClose: connection === 'close' });
    response.statusCode = request.headers['x-role'] === 'admin' ? 200 : 403;
    response.end();
  });
  return Object.assign(server, { seen });
}

const settings = (endpoint: GeneratorSettings['endpoint'], changes: Partial<GeneratorSettings> = {}): GeneratorSettings => ({
  endpoint,
  host: 'app.test',
  streams: [
    { name: 'anonymous', forbidden: true, perSecond: 200, request: { tls: {} } },
    { name: 'allowed', forbidden: false, perSecond: 200, request: { tls: {}, headers: { 'x-role': 'admin' } } },
  ],
  shares,
  idPrefix: 'cell-',
  // No answer is late here, however busy the machine.
  timeoutMs: 60_000,
  mostInFlight: 64,
  ...changes,
});

const plain: Stream = { name: 'anonymous', forbidden: true, perSecond: 200, request: {} };

it('sends every stream over every carrier, each request with an id of its own', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  await generator.until((ended) => ended.length >= 80, forever);
  const sent = await generator.stop();
  const ids = server.seen.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids)).toEqual(new Set(sent.sendings.map(({ number }) => `cell-${number}`)));
  for (const [stream, status] of [403, 200].entries()) {
    const mine = sent.sendings.filter((sending) => sending.stream === stream);
    expect(new Set(mine.map((sending) => sending.status))).toEqual(new Set([status]));
    expect(new Set(mine.map(({ carrier }) => carriers[carrier]))).toEqual(new Set(carriers));
  }
  expect(sent.sendings.every((sending) => sending.sentAt >= sending.dueAt && sending.endedAt >= sending.sentAt)).toBe(true);
});

it('forgets what was taken', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  await generator.until((ended) => ended.length >= 20, forever);
  const taken = generator.take();
  expect(taken.length).toBeGreaterThanOrEqual(20);
  await generator.until((ended) => ended.length >= 20, forever);
  const { sendings } = await generator.stop();
  const numbers = new Set(taken.map(({ number }) => number));
  expect(sendings.length).toBeGreaterThanOrEqual(20);
  expect(sendings.every(({ number }) => !numbers.has(number))).toBe(true);
});

it('keeps connections where it says so, never between streams, and opens others anew', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  await generator.until((ended) => ended.length >= 80, forever);
  const { sendings } = await generator.stop();
  const byId = new Map(server.seen.map((one) => [one.id, one]));
  const socketsOf = (carrier: (typeof carriers)[number], stream: number): readonly (number | undefined)[] =>
    sendings
      .filter((one) => one.carrier === carriers.indexOf(carrier) && one.stream === stream)
      .map(({ number }) => byId.get(`cell-${number}`)?.port);
  for (const fresh of ['http/1.1 fresh', 'h2 fresh'] as const) {
    const sockets = socketsOf(fresh, 0);
    expect(new Set(sockets).size).toBe(sockets.length);
  }
  expect(server.seen.filter(({ asksToClose }) => asksToClose)).toEqual([]);
  const kept = [...socketsOf('http/1.1 kept', 0)];
  expect(new Set(kept).size).toBeLessThan(kept.length);
  expect(new Set(socketsOf('h2 kept', 0)).size).toBe(1);
  const keptOf = (stream: number) => new Set([...socketsOf('http/1.1 kept', stream), ...socketsOf('h2 kept', stream)]);
  expect([...keptOf(0)].filter((port) => keptOf(1).has(port))).toEqual([]);
});

it('sends at a share of the rate for as long as it is told to', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  generator.pace(0.1);
  await generator.until((ended) => ended.length >= 20, forever);
  generator.pace(1);
  await generator.until((ended) => ended.length >= 120, forever);
  const { sendings } = await generator.stop();
  const gaps = sendings.slice(1).map(({ dueAt }, index) => Math.round((dueAt - (sendings[index]?.dueAt ?? 0)) * 10) / 10);
  const paceOf = (from: number, to: number): ReadonlySet<number> => new Set(gaps.slice(from, to));
  expect(paceOf(5, 15)).toContain(25);
  expect(paceOf(5, 15)).not.toContain(2.5);
  expect(paceOf(90, 110)).toContain(2.5);
  expect(paceOf(90, 110)).not.toContain(25);
});

it('renews every connection when it is told to, and nothing that is under way is lost', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  await generator.until((ended) => ended.length >= 80, forever);
  const before = new Set(server.seen.map(({ port }) => port));
  await generator.renew();
  const seen = server.seen.length;
  await generator.until((ended) => ended.length >= seen + 80, forever);
  const { sendings } = await generator.stop();
  expect(server.seen.slice(seen).filter(({ port }) => before.has(port))).toEqual([]);
  expect(sendings.filter(({ error }) => error !== undefined)).toEqual([]);
});

it('notes what stood in the place of an answer', async () => {
  const server = await bothProtocols();
  const { endpoint } = server;
  await server[Symbol.asyncDispose]();
  await using generator = startGenerator(settings(endpoint));
  await generator.until((ended) => ended.length >= 40, forever);
  const { sendings } = await generator.stop();
  expect(new Set(sendings.map(({ error }) => error))).toEqual(new Set(['ECONNREFUSED']));
});

it('sends again what an HTTP/2 server refused to process, as its clients do, and nothing else', async () => {
  const seen = new Map<string, number>();
  await using server = await h2cServer(({ stream, headers: { 'x-gauntlet-id': id } }, response) => {
    const times = (seen.get(String(id)) ?? 0) + 1;
    seen.set(String(id), times);
    if (String(id).endsWith('3')) stream.close(http2.constants.NGHTTP2_CANCEL);
    else if (String(id).endsWith('7') && times === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else response.writeHead(403).end();
  });
  await using generator = startGenerator(
    settings(server.endpoint, { streams: [plain], shares: { ...shares, 'http/1.1 kept': 0, 'http/1.1 fresh': 0, 'h2 fresh': 0 } }),
  );
  await generator.until((ended) => ended.length >= 40, forever);
  const { sendings } = await generator.stop();
  const failed = sendings.filter(({ error }) => error !== undefined);
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every(({ number }) => String(number).endsWith('3'))).toBe(true);
  expect([...seen].filter(([, times]) => times > 1).every(([id]) => id.endsWith('7'))).toBe(true);
  expect(seen.get('cell-7')).toBe(2);
});

it('gives up on a server that answers nothing, and misses slots rather than waiting', async () => {
  await using silent = await tcpServer((socket) => socket.resume());
  await using generator = startGenerator(settings(silent.endpoint, { timeoutMs: 50, mostInFlight: 4 }));
  await generator.until((ended) => ended.length >= 12, forever);
  const { sendings, missed } = await generator.stop();
  expect(new Set(sendings.map(({ error }) => error))).toEqual(new Set(['timeout']));
  expect(missed).toBeGreaterThan(0);
});

/** Open sockets of this process, its threads included. */
const openSockets = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;

it.runIf(process.platform === 'linux')('leaves no socket open, even if the other end never says a word and never closes', async () => {
  await using silent = await tcpServer((socket) => socket.pause());
  const before = openSockets();
  await using generator = startGenerator(settings(silent.endpoint, { timeoutMs: 50, streams: [{ ...plain, perSecond: 400 }] }));
  await generator.until((ended) => ended.length >= 100, forever);
  await generator.renew();
  await generator.stop();
  expect(silent.connections()).toBeGreaterThan(50);
  // The server's own are still open.
  await expect.poll(() => openSockets() - before - silent.connections()).toBeLessThanOrEqual(0);
});

it('does not leave anyone waiting who gave up', async () => {
  await using server = await bothProtocols();
  await using generator = startGenerator(settings(server.endpoint));
  const gaveUp = new AbortController();
  const waiting = generator.until(() => false, gaveUp.signal);
  gaveUp.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
