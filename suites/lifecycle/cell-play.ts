// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import pWaitFor from 'p-wait-for';
import { untilAborted } from '../../harness/check/abort.ts';
import { GauntletError } from '../../harness/errors.ts';
import type { Generator } from '../../harness/lifecycle/generator.ts';
import { tailMs, type CellRecord, type Interval } from '../../harness/lifecycle/judge.ts';
import { carriers, type Sending, type Stream } from '../../harness/lifecycle/streams.ts';
import { formatDuration, seconds, type Duration } from '../../harness/units.ts';
import type { CellResources } from './cell-resources.ts';
import type { CellContext } from './define-cell.ts';
import type { PreparedPolicy } from './policy-row.ts';
import type { Once, Round } from './rounds.ts';
import type { Stage } from './stage.ts';

/** For a policy that comes after its route: time in which that may show, beyond which what passes is a leak. */
export const convergence: Duration = seconds(2);

/** What passes or fails alike for so long is taken for settled: every carrier has had its turn, and every thread of a proxy. */
const settledMs = 800;

const pollMs = 100;

/** What is written is in force at once, or, where a gateway makes its proxies wait for something else, after 15 s. What is open then is watched. */
const usualPatience: Duration = seconds(20);

/** Of the rate, while a policy is brought into force and nothing that passes counts: the machine has other cells to play. */
const whileArming = 0.25;

/** Service that does not come back in time is waited for so much longer, so that the outage is seen. */
const outageShown: Duration = seconds(1);

/** A cell that is being played: what events do, and what is noted meanwhile. */
export interface CellPlay {
  readonly context: CellContext;
  readonly stage: Stage;
  readonly policy: PreparedPolicy;
  readonly resources: CellResources;
  /** A step before the event: what is allowed may fail from here on, until {@link served} or {@link restore}. */
  prepare(what: string, work: () => Promise<unknown>): Promise<void>;
  /** What is allowed must be served from now on. */
  served(): void;
  /** The event: from here all times count. */
  event(what: string, work: () => Promise<unknown>): Promise<void>;
  /** A further step. */
  step(what: string, work: () => Promise<unknown>): Promise<void>;
  /** As {@link event}, and from here on what is allowed may fail, until {@link restore}. */
  interrupt(what: string, work: () => Promise<unknown>): Promise<void>;
  /** Undoes an interruption and waits until what is allowed is served again, or should have been long ago. It is the event if nothing was before. */
  restore(what: string, work: () => Promise<unknown>): Promise<void>;
  /** Forbidden requests must be denied from now on. */
  forbid(): void;
  /** Writes the policy for a route that serves without it: forbidden requests must be denied from the moment on at which that should have shown. */
  writeLate(): Promise<void>;
  /**
   * Brings the policy into force by this, so that the event comes after it: over new connections, and then renews the others. Those from before it may
   * know nothing of it, which is what other events are about. What is open after all is watched like any opening.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT` if it does not come into force and is not open either.
   */
  arm(what: string, work: () => Promise<unknown>): Promise<void>;
  /**
   * Returns once requests of this stream are all answered as served.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT`
   */
  untilServed(stream: StreamName): Promise<void>;
  /**
   * Returns once this holds, asked again and again.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT`
   */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  /**
   * For an event that is in step: returns once all cells that are being played have come this far.
   *
   * @returns what does a thing once for all of them.
   */
  meet(): Promise<Once>;
  /** Lets time pass. */
  watch(time: Duration): Promise<void>;
  /**
   * Returns once everything forbidden is denied and everything allowed is served, or it is plain that the policy does not come into force: what is
   * open then is watched like any opening.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT` if it does not come into force and is not open either.
   */
  untilInForce(): Promise<void>;
}

/** What is sent in a cell. Those of `control` go where no policy is. */
export type StreamName = 'anonymous' | 'wrong' | 'allowed' | 'control';

type Marks = CellRecord['marks'];

/** Notes what is done to a cell. */
export class Notes {
  readonly marks: Marks[number][] = [];
  readonly mayFail: Interval[] = [];
  eventAt: number | undefined;
  forbiddenFrom: number | undefined;
  writtenAt: number | undefined;
  #interruptedAt: number | undefined;

  mark(kind: Marks[number]['kind'], text: string, at = now()): number {
    this.marks.push({ kind, text, at });
    return at;
  }

  interrupt(): void {
    this.#interruptedAt ??= now();
  }

  /** An interruption is over, at this moment: what is allowed must be served from then on. */
  served(at = now()): void {
    if (this.#interruptedAt !== undefined) this.mayFail.push({ from: this.#interruptedAt, to: at });
    this.#interruptedAt = undefined;
  }
}

/** Milliseconds since the epoch, with fractions, as the generator's thread counts them. */
export const now = (): number => performance.timeOrigin + performance.now();

/** What a play is made of. */
export interface PlayOptions {
  readonly context: CellContext;
  readonly stage: Stage;
  readonly policy: PreparedPolicy;
  readonly resources: CellResources;
  readonly generator: Generator;
  readonly streams: readonly Stream[];
  readonly notes: Notes;
  /** After what was interrupted is restored, service has so long to come back; 15 s by default, since proxies try a lost server again after seconds. */
  readonly recovery?: Duration;
  /** What is written has so long to take effect before it counts as open; 20 s by default. */
  readonly patience?: Duration;
  /** With whom the cell is in step; alone if absent. */
  readonly round?: Round | undefined;
}

/** The play of one cell. */
export function createPlay(options: PlayOptions): CellPlay {
  const { context, stage, policy, resources, generator, streams, notes, round, recovery = seconds(15), patience = usualPatience } = options;
  const settles = async (
    isSettled: (recent: readonly Sending[]) => boolean,
    within: Duration = context.budgets.traffic,
  ): Promise<boolean> => {
    const since = now();
    const limit = AbortSignal.any([context.signal, AbortSignal.timeout(within.ms)]);
    try {
      await generator.until((ended) => now() - since >= settledMs && isSettled(recentOf(ended, settledMs)), limit);
      return true;
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof GauntletError) throw error;
      return false;
    }
  };
  const isForbidden = ({ stream }: Sending): boolean => streams[stream]?.forbidden === true;
  const isServed = (recent: readonly Sending[]): boolean => {
    const allowed = recent.filter(({ stream }) => streams[stream]?.forbidden === false && streams[stream].control !== true);
    return allowed.length > 0 && allowed.every(({ status }) => status === 200);
  };
  const isDenied = (recent: readonly Sending[]): boolean =>
    recent.some(isForbidden) && recent.filter((one) => isForbidden(one) && one.status === 200).length === 0;

  const step: CellPlay['step'] = async (what, work) => {
    const began = notes.mark('step', what);
    await work();
    notes.mark('step', `${what}: acknowledged after ${formatDuration({ ms: now() - began })}`);
  };
  const event: CellPlay['event'] = async (what, work) => {
    if (notes.eventAt !== undefined) return step(what, work);
    notes.eventAt = notes.mark('event', what);
    await work();
    notes.mark('step', `acknowledged after ${formatDuration({ ms: now() - notes.eventAt })}`);
  };
  const inForce = (recent: readonly Sending[]): boolean => isDenied(recent) && isServed(recent);
  const prepare: CellPlay['prepare'] = async (what, work) => {
    notes.interrupt();
    await step(what, work);
  };
  const tooLong = (what: string): GauntletError =>
    new GauntletError('GAUNTLET_TIMEOUT', `Waited ${formatDuration(context.budgets.traffic)} for ${what}; ${lately(generator, streams)}`, {
      hint: 'The marks of the cell tell what the API showed. A slow machine can be given more time with --budget traffic=SECONDS.',
    });
  const comesIntoForce = async (isSettled = inForce): Promise<boolean> => {
    const came = (await settles(isSettled, patience)) || (!isOpen(generator, streams) && (await settles(isSettled)));
    if (!came && !isOpen(generator, streams)) throw tooLong('the policy to come into force');
    return came;
  };
  const untilInForce = async (): Promise<void> => {
    notes.mark('step', (await comesIntoForce()) ? 'the policy is in force' : 'the policy does not come into force');
  };
  return {
    context,
    stage,
    policy,
    resources,
    prepare,
    served: () => notes.served(),
    step,
    event,
    interrupt: async (what, work) => {
      notes.interrupt();
      await event(what, work);
    },
    restore: async (what, work) => {
      const restoredAt = notes.mark('restored', what);
      notes.eventAt ??= restoredAt;
      await work();
      const dueAt = now() + recovery.ms;
      if (!(await settles(isServed, { ms: recovery.ms + outageShown.ms }))) notes.mark('step', 'what is allowed is still not served');
      notes.served(dueAt);
    },
    forbid: () => void (notes.forbiddenFrom = now()),
    writeLate: async () => {
      await resources.writePolicy();
      notes.writtenAt = now();
      notes.forbiddenFrom = notes.writtenAt + convergence.ms;
    },
    arm: async (what, work) => {
      if (notes.forbiddenFrom === undefined) generator.pace(whileArming);
      await prepare(what, work);
      const isSeen = await comesIntoForce((recent) => isDenied(recent.filter(isOverNew)) && isServed(recent));
      const isEverywhere = inForce(recentOf(generator.ended, settledMs));
      generator.pace(1);
      await generator.renew();
      if (isSeen && !isEverywhere) await untilInForce();
      else notes.mark('step', isSeen ? 'the policy is in force' : 'the policy does not come into force');
      notes.served();
      notes.forbiddenFrom = now();
    },
    untilServed: async (name) => {
      const allServed = await settles((recent) => {
        const own = recent.filter(({ stream }) => streams[stream]?.name === name);
        return own.length > 0 && own.every(({ status }) => status === 200);
      });
      if (!allServed) throw tooLong(`requests of the stream ${name} to be served`);
    },
    until: (what, holds) => {
      const { gateway } = context.budgets;
      const message = new GauntletError('GAUNTLET_TIMEOUT', `Waited ${formatDuration(gateway)} for ${what}`, {
        hint: 'Look at the pods of the stage; a slow machine can be given more time with --budget gateway=SECONDS.',
      });
      return pWaitFor(holds, { interval: pollMs, timeout: { milliseconds: gateway.ms, message }, signal: context.signal });
    },
    meet: async () => {
      if (round !== undefined) return untilAborted(() => round.meet(), context.signal);
      return async (work) => {
        await work();
      };
    },
    watch: (time) => pause(time.ms, undefined, { signal: context.signal }),
    untilInForce,
  };
}

/** Longer than the tail that the judge looks at: what closed by itself before the watch ended must not be called open. */
const justNowMs = 2 * tailMs;

const isOverNew = ({ carrier }: Sending): boolean => carriers[carrier]?.endsWith('fresh') === true;

/** What ended lately. */
function recentOf(ended: readonly Sending[], withinMs: number): readonly Sending[] {
  const since = now() - withinMs;
  const first = ended.findLastIndex(({ endedAt }) => endedAt < since);
  return ended.slice(first + 1);
}

/** Whether anything forbidden was answered as if it were allowed just now. */
export function isOpen(generator: Generator, streams: readonly Stream[]): boolean {
  return recentOf(generator.ended, justNowMs).some(({ stream, status }) => streams[stream]?.forbidden === true && status === 200);
}

/** What came of each stream just now, in words: `allowed: 14 x 503`. */
function lately(generator: Generator, streams: readonly Stream[]): string {
  const recent = recentOf(generator.ended, settledMs);
  const told = streams.map(({ name }, index) => {
    const came = Object.entries(
      Object.groupBy(
        recent.filter(({ stream }) => stream === index),
        ({ status, error }) => error ?? String(status),
      ),
    );
    return `${name}: ${came.map(([what, all = []]) => `${all.length} x ${what}`).join(', ') || 'nothing'}`;
  });
  return told.join('; ');
}
