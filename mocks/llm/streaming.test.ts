// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { integrityOf, type Integrity } from '../../harness/bench/streaming/integrity.ts';
import { playWindow, type PairedStreams } from '../../harness/bench/streaming/paired-streams.ts';
import { chatCompletions } from '../../harness/bench/streaming/provider.ts';
import { startStreamClient } from '../../harness/bench/streaming/stream-client.ts';
import { askStream } from '../../harness/bench/streaming/stream-request.ts';
import type { StreamSeen } from '../../harness/bench/streaming/stream-reader.ts';
import { Instance } from '../instance/instance.ts';
import { streamFaultHeader, type LlmProgram, type StreamFault } from './behaviour.ts';
import { llmKind } from './server.ts';

/* The peer and the client that measures by it, over real sockets. */

const frames = 8;
const behaviour: LlmProgram = { frames, firstTokenMs: 2, gapMs: 2 };
/** A stream that takes so long is seen to be held back, whatever else the machine does. */
const slow: LlmProgram = { ...behaviour, gapMs: 60 };

let server: Instance;
let agent: http.Agent;

beforeEach(async () => {
  server = await Instance.open(llmKind, behaviour, { name: 'llm', address: '127.0.0.1', ports: () => 0 });
  agent = new http.Agent({ keepAlive: true });
});

afterEach(async () => {
  agent.destroy();
  await server[Symbol.asyncDispose]();
});

const path = () => ({ endpoint: { address: '127.0.0.1', port: server.port }, host: 'llm.test' });

const ask = (count: number): Promise<readonly StreamSeen[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      askStream({ ...path(), provider: chatCompletions, id: String(index), dueAt: performance.now(), timeoutMs: 30_000 }, agent),
    ),
  );

describe('of 50 streams', () => {
  it.each<[StreamFault, keyof Integrity]>([
    ['dropped', 'incomplete'],
    ['reordered', 'reordered'],
    ['merged', 'reframed'],
    ['split', 'reframed'],
    ['buffered', 'buffered'],
  ])('each that is %s is caught', async (streamFault, wrong) => {
    server.program({ ...(streamFault === 'buffered' ? slow : behaviour), streamFault });
    const { buffered, ...seen } = integrityOf(await ask(50), frames);
    const sound = { streams: 50, failed: 0, incomplete: 0, reordered: 0, reframed: 0 };
    if (wrong === 'buffered') expect(buffered).toBe(50);
    expect(seen).toMatchObject(wrong === 'buffered' ? sound : { ...sound, [wrong]: 50 });
  });

  it('without a fault none is', async () => {
    const seen = integrityOf(await ask(50), frames);
    expect(seen).toMatchObject({ failed: 0, incomplete: 0, reordered: 0, reframed: 0, frames: 50 * frames });
  });
});

it('a request asks for a fault only where that is allowed', async () => {
  const asked = (): Promise<string> =>
    fetch(`http://127.0.0.1:${server.port}${chatCompletions.path}`, {
      method: 'POST',
      body: chatCompletions.body,
      headers: { [streamFaultHeader]: 'dropped' },
    }).then((response) => response.text());
  const count = (text: string): number => text.match(/"content":"\d/g)?.length ?? 0;
  expect(count(await asked())).toBe(frames);
  server.program({ ...behaviour, faultPerRequest: true });
  expect(count(await asked())).toBe(frames - 1);
});

describe('a window', () => {
  const settings = (): PairedStreams => ({
    gateway: path(),
    direct: path(),
    provider: 'chatCompletions',
    idPrefix: 'w-',
    pairsPerSecond: 100,
    pairs: 8,
    timeoutMs: 30_000,
  });

  it('has all pairs, of both kinds, each stream under an id of its own', async () => {
    const { pairs } = await playWindow(settings(), new AbortController().signal);
    expect(pairs.map(({ kind }) => kind)).toEqual(['compare', 'noise', 'compare', 'noise', 'compare', 'noise', 'compare', 'noise']);
    expect(pairs.every(({ gateway, other }) => gateway.ended && other.ended)).toBe(true);
    expect(new Set(server.arrivals().map(({ id }) => id)).size).toBe(16);
  });

  it('goes on where nobody answers, and says why', async () => {
    await server.setFault('refuse');
    const { pairs } = await playWindow(settings(), new AbortController().signal);
    expect(pairs).toHaveLength(8);
    expect(pairs.every(({ gateway }) => gateway.error === 'ECONNREFUSED')).toBe(true);
  });

  it('is played by a thread of its own, again and again', async () => {
    await using client = startStreamClient();
    const { signal } = new AbortController();
    for (const idPrefix of ['a-', 'b-']) expect((await client.play({ ...settings(), idPrefix }, signal)).pairs).toHaveLength(8);
    await expect(client.play(settings(), AbortSignal.abort(new Error('over')))).rejects.toThrow();
  });

  it('ends with its run', async () => {
    await expect(playWindow(settings(), AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});
