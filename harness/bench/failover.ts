// SPDX-License-Identifier: Apache-2.0
import type { Sending } from '../lifecycle/streams.ts';

/** What becomes of requests while one of two backends is sick. Times are milliseconds; null for what did not happen. */
export interface Failover {
  readonly requests: number;
  /** Requests that the sick one cost. */
  readonly errors: number;
  /** What came in place of answers: `{ '504': 30 }`. */
  readonly came: Readonly<Record<string, number>>;
  /** From the moment it fell sick to the sending of the last request that failed before it was healed; 0 if none did. */
  readonly ejectedMs: number;
  /** Requests that failed although they were sent later than the sick one may cost any: of those, and of those before it fell sick. */
  readonly failedElsewhere: number;
  /** From its healing to the first answer that is its own. */
  readonly returnedMs: number | null;
  /** Its share of the answers before it fell sick, and after it has returned. */
  readonly shareBefore: number | null;
  readonly shareAfter: number | null;
}

/** What a failover is read with. Moments are milliseconds since the epoch. */
export interface Sickness {
  readonly struckAt: number;
  readonly healedAt: number;
  /** So long after it fell sick it may cost requests. */
  readonly mostMs: number;
  /** Status of its answers, by which they are told from the other one's, which are 200. */
  readonly status: number;
}

/** Reads requests that were sent all the while. */
export function failoverOf(sendings: readonly Sending[], { struckAt, healedAt, mostMs, status: own }: Sickness): Failover {
  const failed = sendings.filter(({ status }) => status !== 200 && status !== own);
  // What was on its way to it when it was struck may have been sent before.
  const isItsFault = ({ sentAt, endedAt }: Sending): boolean => endedAt >= struckAt && sentAt <= struckAt + mostMs;
  const whileSick = failed.filter(({ endedAt, sentAt }) => endedAt >= struckAt && sentAt < healedAt);
  const returned = sendings.filter(({ status, sentAt }) => status === own && sentAt >= healedAt);
  const firstBack = Math.min(...returned.map(({ endedAt }) => endedAt));
  const came: Record<string, number> = {};
  for (const { status, error } of failed) {
    const what = error ?? String(status);
    came[what] = (came[what] ?? 0) + 1;
  }
  const shareOf = (some: readonly Sending[]): number | null =>
    some.length === 0 ? null : some.filter(({ status }) => status === own).length / some.length;
  return {
    requests: sendings.length,
    errors: failed.filter(isItsFault).length,
    came,
    ejectedMs: Math.max(0, ...whileSick.map(({ sentAt }) => sentAt - struckAt)),
    failedElsewhere: failed.filter((one) => !isItsFault(one)).length,
    returnedMs: returned.length === 0 ? null : firstBack - healedAt,
    shareBefore: shareOf(sendings.filter(({ endedAt }) => endedAt < struckAt)),
    shareAfter: shareOf(sendings.filter(({ sentAt }) => sentAt >= firstBack)),
  };
}
