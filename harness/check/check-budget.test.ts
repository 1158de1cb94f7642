// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { seconds } from '../units.ts';
import { startBudget } from './check-budget.ts';
import { systemClock, type Clock } from './clock.ts';

/** Time that passes when it is told to. */
function handClock(): Clock & { pass(ms: number): Promise<void> } {
  let now = 0;
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    pause: (duration, signal) =>
      new Promise((resolve, reject) => {
        sleepers.push({ until: now + duration.ms, wake: resolve });
        signal?.addEventListener('abort', () => reject(new Error('ended')), { once: true });
      }),
    pass: async (ms) => {
      now += ms;
      for (const { until, wake } of sleepers) if (until <= now) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

const never = new AbortController().signal;
const usedUp = (spent: string): Error => new Error(`used up ${spent}`);

describe('startBudget', () => {
  it('ends the check when the time is used up, and not before', async () => {
    const clock = handClock();
    const budget = startBudget(seconds(10), { clock, signal: never }, usedUp);
    await clock.pass(9_999);
    expect(budget.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(budget.signal.reason).toEqual(new Error('used up 10.0 s'));
  });

  it('does not count waiting, also where several wait at once', async () => {
    const clock = handClock();
    const budget = startBudget(seconds(10), { clock, signal: never }, usedUp);
    await clock.pass(4_000);
    const turns = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const waits = turns.map((turn) => budget.waiting(() => turn.promise));
    await clock.pass(60_000);
    turns[0]?.resolve(undefined);
    await waits[0];
    await clock.pass(60_000);
    turns[1]?.resolve(undefined);
    await waits[1];
    expect(budget.signal.aborted).toBe(false);
    await clock.pass(5_999);
    expect(budget.signal.aborted).toBe(false);
    await clock.pass(1);
    expect(budget.signal.aborted).toBe(true);
  });

  it('counts again after a wait that failed', async () => {
    const clock = handClock();
    const budget = startBudget(seconds(1), { clock, signal: never }, usedUp);
    await expect(budget.waiting(() => Promise.reject(new Error('no turn')))).rejects.toThrow('no turn');
    await clock.pass(1_000);
    expect(budget.signal.aborted).toBe(true);
  });

  it('never ends what has stopped, and ends with the run', () => {
    const run = new AbortController();
    const budget = startBudget(seconds(1), { clock: systemClock, signal: run.signal }, usedUp);
    budget.stop();
    run.abort(new Error('interrupted'));
    expect(budget.signal.reason).toEqual(new Error('interrupted'));
  });
});
