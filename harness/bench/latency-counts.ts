// SPDX-License-Identifier: Apache-2.0
import { bucketBounds } from './latency-buckets.ts';

/** How many latencies were in each range of {@link bucketBounds}, by its index; a range without any is not there. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** Counts of parts as counts of the whole: exactly what one would have counted that saw everything. */
export function addCounts(parts: readonly LatencyCounts[]): LatencyCounts {
  const whole = new Map<number, number>();
  for (const part of parts) for (const [bucket, count] of part) whole.set(bucket, (whole.get(bucket) ?? 0) + count);
  return new Map([...whole].sort(([a], [b]) => a - b));
}

/** Latencies that were counted. */
export const totalOf = (counts: LatencyCounts): number => [...counts.values()].reduce((sum, count) => sum + count, 0);

/**
 * The latency in milliseconds that this share of all is not above, by the end of its range: at most 1.6 % more than the latency itself.
 *
 * @param percentile - from 0 to 100
 * @param mostMs - the longest of all, where that is known: no percentile is above it
 * @returns null where nothing was counted.
 */
export function percentileMs(counts: LatencyCounts, percentile: number, mostMs = Infinity): number | null {
  const rank = Math.max(1, Math.ceil((percentile / 100) * totalOf(counts)));
  let seen = 0;
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= rank) return Math.min((bucketBounds[bucket + 1] ?? Infinity) / 1000, mostMs);
  }
  return null;
}
