// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketBounds, bucketName, bucketNamed, bucketOf } from './latency-buckets.ts';
import { addCounts, percentileMs, totalOf, type LatencyCounts } from './latency-counts.ts';

const microseconds = fc.oneof(fc.nat({ max: 70_000_000 }), fc.double({ min: 0, max: 5000, noNaN: true }));

const countsOf = (latencies: readonly number[]): LatencyCounts => addCounts(latencies.map((latency) => new Map([[bucketOf(latency), 1]])));

/** The latency itself, of all that there are. */
const exact = (latencies: readonly number[], percentile: number): number =>
  latencies.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((percentile / 100) * latencies.length)) - 1] ?? NaN;

describe('a range', () => {
  it('holds what is between its bound and the next, and is at most 1.6 % wide', () => {
    fc.assert(
      fc.property(microseconds, (latency) => {
        const bucket = bucketOf(latency);
        const [from = NaN, to = Infinity] = bucketBounds.slice(bucket, bucket + 2);
        expect(latency).toBeGreaterThanOrEqual(from);
        expect(latency).toBeLessThan(to);
        if (from >= 64 && to < Infinity) expect((to - from) / from).toBeLessThanOrEqual(1 / 64);
      }),
    );
  });

  it('has a bound above the one before, and a name that leads back to it', () => {
    for (const [index, bound] of bucketBounds.entries()) {
      expect(bound).toBeGreaterThan(bucketBounds[index - 1] ?? -1);
      expect(bucketOf(bound)).toBe(index);
      expect(bucketNamed(bucketName(index))).toBe(index);
    }
    expect(bucketNamed('http_req_duration')).toBeUndefined();
    expect(bucketOf(Infinity)).toBe(bucketBounds.length - 1);
    expect(bucketOf(NaN)).toBe(0);
  });
});

describe('counts', () => {
  it('of parts add up to those of the whole, however it was dealt out, and in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(microseconds, fc.nat({ max: 4 }))), (dealt) => {
        const whole = countsOf(dealt.map(([latency]) => latency));
        const parts = [0, 1, 2, 3, 4].map((part) => countsOf(dealt.filter(([, to]) => to === part).map(([latency]) => latency)));
        expect(addCounts(parts)).toEqual(whole);
        expect(addCounts(parts.toReversed())).toEqual(whole);
        expect(totalOf(whole)).toBe(dealt.length);
      }),
    );
  });

  it('tell each percentile to 1.6 %', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 64, max: 60_000_000, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (latencies, percentile) => {
          const latency = exact(latencies, percentile) / 1000;
          const told = percentileMs(countsOf(latencies), percentile) ?? NaN;
          expect(told).toBeGreaterThanOrEqual(latency);
          expect(told).toBeLessThanOrEqual(latency * (1 + 1 / 60));
        },
      ),
    );
  });

  it('are right where the average of percentiles is wrong', () => {
    const fast = Array.from({ length: 9900 }, () => 1000);
    const slow = Array.from({ length: 100 }, () => 100_000);
    const [one, other] = [countsOf(fast), countsOf(slow)];
    const average = ((percentileMs(one, 99) ?? NaN) + (percentileMs(other, 99) ?? NaN)) / 2;
    expect(exact([...fast, ...slow], 99) / 1000).toBe(1);
    expect(percentileMs(addCounts([one, other]), 99)).toBeCloseTo(1, 1);
    expect(average).toBeGreaterThan(50);
  });

  it('of nothing have no percentile, and not 0', () => {
    expect(percentileMs(new Map(), 50)).toBeNull();
    expect(percentileMs(countsOf([1000]), 100, 1)).toBe(1);
  });
});
