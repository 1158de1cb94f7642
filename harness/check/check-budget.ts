// SPDX-License-Identifier: Apache-2.0
import { formatDuration, milliseconds, type Duration } from '../units.ts';
import type { Clock } from './clock.ts';

/** The time that a check may take, running. */
export interface CheckBudget {
  /** Aborted with the run's own signal, or when the time is used up. */
  readonly signal: AbortSignal;
  /** Does something that is not the check's own work, such as waiting for its turn: the time it takes is not counted. */
  readonly waiting: <T>(work: () => Promise<T>) => Promise<T>;
  stop(): void;
}

/**
 * Starts the budget of a check.
 *
 * @param usedUp - makes the reason for the abortion, from the budget in words
 */
export function startBudget(
  budget: Duration,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  usedUp: (budget: string) => Error,
): CheckBudget {
  const end = new AbortController();
  let left = budget.ms;
  let waits = 0;
  let runningSince = 0;
  let timer = new AbortController();
  let stopped = false;

  const run = (): void => {
    const mine = new AbortController();
    timer = mine;
    runningSince = clock.now();
    clock.pause(milliseconds(left), mine.signal).then(
      () => end.abort(usedUp(formatDuration(budget))),
      () => undefined,
    );
  };
  const hold = (): void => {
    timer.abort();
    left = Math.max(0, left - (clock.now() - runningSince));
  };
  run();
  return {
    signal: AbortSignal.any([signal, end.signal]),
    waiting: async (work) => {
      if (waits === 0) hold();
      waits += 1;
      try {
        return await work();
      } finally {
        waits -= 1;
        if (waits === 0 && !stopped) run();
      }
    },
    stop: () => {
      stopped = true;
      timer.abort();
    },
  };
}
