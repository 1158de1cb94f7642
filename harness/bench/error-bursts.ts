// SPDX-License-Identifier: Apache-2.0
import { isOfThisMachine, type Sending } from '../lifecycle/streams.ts';

/** Failed requests of seconds that follow each other. */
export interface Burst {
  /** First and last second since the start. */
  readonly fromSecond: number;
  readonly toSecond: number;
  readonly failed: number;
  /** What came in place of answers: `{ '503': 3, ECONNRESET: 1 }`. */
  readonly came: Readonly<Record<string, number>>;
}

/** What was seen of requests, without keeping any of them. */
export class RequestTally {
  readonly #startedAt: number;
  readonly #bySecond = new Map<number, Map<string, number>>();
  #requests = 0;
  #failed = 0;
  #unsent = 0;

  /** @param startedAt milliseconds since the epoch */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Counts what has ended. */
  add(ended: readonly Sending[]): void {
    for (const { sentAt, status, error } of ended) {
      this.#requests += 1;
      if (status === 200) continue;
      this.#failed += 1;
      if (isOfThisMachine(error)) this.#unsent += 1;
      const second = Math.floor((sentAt - this.#startedAt) / 1000);
      const came = this.#bySecond.get(second) ?? new Map<string, number>();
      const what = error ?? String(status);
      this.#bySecond.set(second, came.set(what, (came.get(what) ?? 0) + 1));
    }
  }

  get requests(): number {
    return this.#requests;
  }

  /** Those without an answer of 200. */
  get failed(): number {
    return this.#failed;
  }

  /** Of the failed, those that never left this machine. */
  get unsent(): number {
    return this.#unsent;
  }

  /** Failed requests by when they were sent, seconds next to each other together. */
  bursts(): readonly Burst[] {
    const bursts: Burst[] = [];
    for (const [second, counts] of [...this.#bySecond].toSorted(([a], [b]) => a - b)) {
      const last = bursts.at(-1);
      const came = Object.fromEntries(counts);
      const burst: Burst = { fromSecond: second, toSecond: second, failed: totalOf(came), came };
      if (last === undefined || second > last.toSecond + 1) bursts.push(burst);
      else bursts.splice(-1, 1, joined(last, burst));
    }
    return bursts;
  }
}

const totalOf = (came: Burst['came']): number => Object.values(came).reduce((sum, count) => sum + count, 0);

function joined(first: Burst, next: Burst): Burst {
  const came = { ...first.came };
  for (const [what, count] of Object.entries(next.came)) came[what] = (came[what] ?? 0) + count;
  return { fromSecond: first.fromSecond, toSecond: next.toSecond, failed: first.failed + next.failed, came };
}
