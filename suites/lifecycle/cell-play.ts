// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { GauntletError } from '../../harness/errors.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import type { Generator } from '../../harness/lifecycle/generator.ts';
import type { CellRecord, Interval } from '../../harness/lifecycle/judge.ts';
import type { Sending, Stream } from '../../harness/lifecycle/streams.ts';
import { formatDuration, milliseconds, seconds, type Duration } from '../../harness/units.ts';
import type { CellResources } from './cell-resources.ts';
import type { CellContext } from './define-cell.ts';
import type { PreparedPolicy } from './policy-row.ts';
import type { Stage } from './stage.ts';

/** For a policy that comes after its route: time in which that may show, beyond which what passes is a leak. */
export const convergence: Duration = seconds(2);

/** What passes or fails alike for so long is taken for settled: every carrier has had its turn, and every thread of a proxy. */
const settledMs = 800;

const pollMs = 100;

/** After it was restored, service has so long to come back; proxies try a lost server again after seconds. */
const recovery: Duration = seconds(15);

/** A cell that is being played: what events do, and what is noted meanwhile. */
export interface CellPlay {
  readonly context: CellContext;
  readonly stage: Stage;
  readonly policy: PreparedPolicy;
  readonly resources: CellResources;
  /** The event: from here all times count. */
  event(what: string, work: () => Promise<unknown>): Promise<void>;
  /** A further step. */
  step(what: string, work: () => Promise<unknown>): Promise<void>;
  /** As {@link event}, and from here on what is allowed may fail, until {@link restore}. */
  interrupt(what: string, work: () => Promise<unknown>): Promise<void>;
  /** Undoes an interruption and waits until what is allowed is served again. */
  restore(what: string, work: () => Promise<unknown>): Promise<void>;
  /** Forbidden requests must be denied from now on, save for a policy that comes late for its convergence. */
  forbid(since: 'now' | 'converged'): void;
  /**
   * For a cell that starts bare: brings the policy into force by this, so that the event comes after it. What is open after all is watched like any
   * opening.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT` if what is allowed is never served.
   */
  arm(what: string, work: () => Promise<unknown>): Promise<void>;
  /** Returns once requests of this stream are all answered as served; false if that takes too long. */
  untilServed(stream: string): Promise<boolean>;
  /**
   * Returns once this holds, asked again and again.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT`
   */
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  /** Lets time pass. */
  watch(time: Duration): Promise<void>;
  /** Returns once everything forbidden is denied and everything allowed is served; false if that takes too long. */
  untilInForce(): Promise<boolean>;
}

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

  /** Service is there again, and may falter a little longer. */
  served(within: Duration = milliseconds(0)): void {
    if (this.#interruptedAt !== undefined) this.mayFail.push({ from: this.#interruptedAt, to: now() + within.ms });
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
}

/** The play of one cell. */
export function createPlay({ context, stage, policy, resources, generator, streams, notes }: PlayOptions): CellPlay {
  const settles = async (isSettled: (recent: readonly Sending[]) => boolean): Promise<boolean> => {
    const since = now();
    const limit = AbortSignal.any([context.signal, AbortSignal.timeout(context.budgets.traffic.ms)]);
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
  const forbid: CellPlay['forbid'] = (since) => {
    notes.forbiddenFrom = now() + (since === 'now' ? 0 : convergence.ms);
    if (since === 'converged') notes.writtenAt = now();
  };
  const untilInForce = () => settles((recent) => isDenied(recent) && isServed(recent));
  return {
    context,
    stage,
    policy,
    resources,
    step,
    event,
    interrupt: async (what, work) => {
      notes.interrupt();
      await event(what, work);
    },
    restore: async (what, work) => {
      const restoredAt = notes.mark('restored', what);
      await work();
      await settles(isServed);
      notes.served({ ms: Math.max(0, restoredAt + recovery.ms - now()) });
    },
    forbid,
    arm: async (what, work) => {
      notes.interrupt();
      await step(what, work);
      const inForce = await untilInForce();
      notes.served();
      forbid('now');
      notes.mark('step', inForce ? 'the policy is in force' : 'the policy does not come into force');
      if (inForce || isOpen(generator, streams)) return;
      throw new GauntletError('GAUNTLET_TIMEOUT', `Nothing was served after this: ${what}`, {
        hint: 'The marks of the cell tell what the API showed.',
      });
    },
    untilServed: (name) =>
      settles((recent) => {
        const own = recent.filter(({ stream }) => streams[stream]?.name === name);
        return own.length > 0 && own.every(({ status }) => status === 200);
      }),
    until: async (what, holds) => {
      const limit = now() + context.budgets.gateway.ms;
      while (!(await holds())) {
        if (now() > limit)
          throw new GauntletError('GAUNTLET_TIMEOUT', `Waited ${formatDuration(context.budgets.gateway)} for ${what}`, {
            hint: 'Look at the pods of the stage; a slow machine can be given more time with --budget gateway=SECONDS.',
          });
        await pause(pollMs, undefined, { signal: context.signal });
      }
    },
    watch: (time) => pause(time.ms, undefined, { signal: context.signal }),
    untilInForce,
  };
}

const justNowMs = 300;

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

/** A Secret or a ConfigMap whose values are unreadable. */
export function corrupted(resource: Resource): Resource {
  const data = resource['data'] as Readonly<Record<string, string>> | undefined;
  if (data === undefined) return resource;
  const noise = 'not what was expected: {{';
  const value = resource.kind === 'Secret' ? Buffer.from(noise).toString('base64') : noise;
  return { ...resource, data: Object.fromEntries(Object.keys(data).map((key) => [key, value])) };
}
