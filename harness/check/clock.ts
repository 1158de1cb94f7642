// SPDX-License-Identifier: Apache-2.0
import { setTimeout as wait } from 'node:timers/promises';
import type { Duration } from '../units.ts';

/** Time as the engine sees it; injected, so that tests need not wait. */
export interface Clock {
  /** Whole milliseconds since the epoch; never goes back. */
  now(): number;
  /** Resolves after the duration; rejects with the signal's reason as soon as it is aborted. */
  pause(duration: Duration, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock; monotonic from the start of the process on, so that a clock that is set meanwhile does not bend a duration. */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  pause: async (duration, signal) => {
    signal?.throwIfAborted();
    try {
      await wait(duration.ms, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};
