// SPDX-License-Identifier: Apache-2.0
import type { Duration } from '../../units.ts';
import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * A clock whose time passes only while everything waits for it: as soon as nothing else is to be done, the earliest pause ends.
 * So waits cost nothing, and keep their order.
 */
export class FakeClock implements Clock {
  /** Lengths of all pauses that were asked for, in milliseconds. */
  readonly pauses: number[] = [];
  readonly #timers = new Set<Timer>();
  #now: number;
  #stepping = false;

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Lets time pass at once, as work does that takes some. */
  advance(duration: Duration): void {
    this.#now += duration.ms;
  }

  pause(duration: Duration, signal?: AbortSignal): Promise<void> {
    this.pauses.push(duration.ms);
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const abort = (): void => {
      this.#timers.delete(timer);
      reject(signal?.reason as Error);
    };
    const timer: Timer = {
      at: this.#now + duration.ms,
      fire: () => {
        signal?.removeEventListener('abort', abort);
        resolve(undefined);
      },
    };
    if (signal?.aborted === true) abort();
    else {
      signal?.addEventListener('abort', abort, { once: true });
      this.#timers.add(timer);
      this.#step();
    }
    return promise.then(() => undefined);
  }

  #step(): void {
    if (this.#stepping) return;
    this.#stepping = true;
    setImmediate(() => {
      this.#stepping = false;
      const next = [...this.#timers].reduce<Timer | undefined>(
        (first, timer) => (first && first.at <= timer.at ? first : timer),
        undefined,
      );
      if (!next) return;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.fire();
      if (this.#timers.size > 0) this.#step();
    });
  }
}
