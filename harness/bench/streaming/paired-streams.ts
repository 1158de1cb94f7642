// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { latencyHistogram } from '../drivers/load.ts';
import { isOfThisMachine } from '../../lifecycle/streams.ts';
import { GauntletError } from '../../errors.ts';
import { providers, type ProviderName } from './provider.ts';
import type { StreamSeen } from './stream-reader.ts';
import { askStream, type StreamPath } from './stream-request.ts';

/** Two streams of one moment: through the gateway and without it, or both through it, which shows by how much two of the same differ. */
export interface StreamPair {
  readonly kind: 'compare' | 'noise';
  /** Through the gateway. */
  readonly gateway: StreamSeen;
  /** Without it; in a pair for noise, the other one through it. */
  readonly other: StreamSeen;
}

/** Pairs that were asked for in one stretch of time. */
export interface StreamWindow {
  readonly pairs: readonly StreamPair[];
  /** 99 % of requests left at most so much after they were due, in milliseconds. */
  readonly lateMs: number;
  /** 99 % of the turns of this process's event loop were late by at most so much, its garbage collection included. */
  readonly loopDelayMs: number;
  /** Why its times say nothing. What its frames say stands. */
  readonly invalid?: string;
}

/** What is asked for. Plain data: it crosses into a thread. */
export interface PairedStreams {
  readonly gateway: StreamPath;
  readonly direct: StreamPath;
  readonly provider: ProviderName;
  /** Begins every id. */
  readonly idPrefix: string;
  /** Whatever comes back (open loop). */
  readonly pairsPerSecond: number;
  readonly pairs: number;
  /** For one stream. */
  readonly timeoutMs: number;
}

/** Each so many-th pair is for noise: of what is to be shown to be small there must be as many as of what is compared. */
const noiseEach = 2;
/** A tenth of what a short time to the first token is: more of our own delay would be measured for the gateway's. */
const mostLateMs = 2;
/** A timer wakes up to so much late; the rest of the wait goes turn by turn. */
const timerMs = 1.5;
/** Between two looks at the loop; the least that Node has. */
const loopLookMs = 1;

/**
 * Plays one window. The streams of a pair begin half an interval apart, so that their frames do not come in one turn of the loop, and change their order
 * from pair to pair.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if requests could not leave this machine.
 */
export async function playWindow(options: PairedStreams, signal: AbortSignal): Promise<StreamWindow> {
  const { gateway, direct, idPrefix, timeoutMs } = options;
  const provider = providers[options.provider];
  const agents = { gateway: keptAgent(), direct: keptAgent() };
  const loop = monitorEventLoopDelay({ resolution: loopLookMs });
  const late = latencyHistogram();
  const intervalMs = 1000 / options.pairsPerSecond;
  const startAt = performance.now() + intervalMs;
  const underWay: Promise<StreamPair>[] = [];
  loop.enable();
  try {
    for (let pair = 0; pair < options.pairs; pair += 1) {
      const { kind, order } = planOf(pair);
      const seen: Partial<Record<Side, Promise<StreamSeen>>> = {};
      for (const [place, side] of order.entries()) {
        const dueAt = startAt + (pair + place / 2) * intervalMs;
        await untilDue(dueAt, signal);
        late.recordValue(Math.round(1000 * Math.max(0, performance.now() - dueAt)));
        const isDirect = side === 'other' && kind === 'compare';
        const request = { ...(isDirect ? direct : gateway), provider, id: `${idPrefix}${pair}-${side}`, dueAt, timeoutMs };
        seen[side] = askStream(request, isDirect ? agents.direct : agents.gateway);
      }
      underWay.push(bothOf(kind, seen));
    }
    const pairs = await Promise.all(underWay);
    assertLeft(pairs);
    return windowOf(pairs, late.getValueAtPercentile(99) / 1000, Math.max(0, loop.percentile(99) / 1e6 - loopLookMs));
  } finally {
    loop.disable();
    agents.gateway.destroy();
    agents.direct.destroy();
  }
}

/** A window, and whether its times count. */
export function windowOf(pairs: readonly StreamPair[], lateMs: number, loopDelayMs: number): StreamWindow {
  const own = { pairs, lateMs, loopDelayMs };
  if (lateMs > mostLateMs) return { ...own, invalid: `requests left ${lateMs.toFixed(1)} ms late (99 %)` };
  if (loopDelayMs > mostLateMs) return { ...own, invalid: `the client's event loop was ${loopDelayMs.toFixed(1)} ms late (99 %)` };
  return own;
}

type Side = 'gateway' | 'other';

/** What a pair is for, and which of its streams goes first: in either kind, each as often as the other. */
export function planOf(pair: number): { readonly kind: StreamPair['kind']; readonly order: readonly [Side, Side] } {
  const round = Math.floor(pair / noiseEach);
  return {
    kind: pair % noiseEach === noiseEach - 1 ? 'noise' : 'compare',
    order: (pair + round) % 2 === 0 ? ['gateway', 'other'] : ['other', 'gateway'],
  };
}

async function bothOf(kind: StreamPair['kind'], seen: Partial<Record<Side, Promise<StreamSeen>>>): Promise<StreamPair> {
  const [gateway, other] = await Promise.all([seen.gateway, seen.other]);
  if (gateway === undefined || other === undefined) throw new Error('a pair has two streams');
  return { kind, gateway, other };
}

const keptAgent = (): http.Agent => new http.Agent({ keepAlive: true });

/** Timers wake up in whole milliseconds, so the last of the way goes turn by turn. */
async function untilDue(dueAt: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const restMs = dueAt - performance.now() - timerMs;
  if (restMs > 0) await pause(restMs, undefined, { signal });
  while (performance.now() < dueAt) await nextTurn();
}

function assertLeft(pairs: readonly StreamPair[]): void {
  const unsent = pairs.flatMap(({ gateway, other }) => [gateway, other]).filter(({ error }) => isOfThisMachine(error));
  if (unsent.length === 0) return;
  throw new GauntletError('GAUNTLET_MACHINE', `${unsent.length} streams could not be asked for: ${unsent[0]?.error ?? ''}`, {
    hint: 'The machine has too few descriptors or ports.',
  });
}
