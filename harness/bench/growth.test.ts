// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { MemorySample } from '../machine/memory-watch.ts';
import { seededRandom } from '../run/seed.ts';
import { growthLimit, growthOf, memoryCurves } from './growth.ts';
import { memorySeries } from './testing/memory-series.ts';

const mib = 2 ** 20;
const samplesOf = (slope: number, samples = 600): readonly MemorySample[] =>
  memorySeries({ samples, slope, spread: 0.2, random: seededRandom(1) }).map(([minute, size]) => ({
    atMs: minute * 60_000,
    bytes: size * mib,
  }));

it('is told in bytes a minute, with what would have been found', () => {
  const { value, low, high, foundFrom } = growthOf(samplesOf(1), seededRandom(2)) ?? { value: NaN, low: NaN, high: NaN, foundFrom: NaN };
  expect(value / mib).toBeCloseTo(1, 1);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(low).toBeGreaterThan(growthLimit);
  expect(foundFrom).toBeGreaterThan(growthLimit + value - low);
});

it('is not told of a few samples', () => {
  expect(growthOf(samplesOf(1, 30), seededRandom(2))).toBeUndefined();
});

it('is drawn with few points, and a line of the slope', () => {
  const samples = samplesOf(1, 1200);
  const [curve, line] = memoryCurves('proxy', samples, growthOf(samples, seededRandom(2)));
  expect(curve?.points).toHaveLength(300);
  const [first, last] = line?.points ?? [];
  expect(((last?.[1] ?? NaN) - (first?.[1] ?? NaN)) / ((last?.[0] ?? NaN) - (first?.[0] ?? NaN))).toBeCloseTo(1, 1);
  expect(memoryCurves('proxy', [], undefined)).toEqual([{ name: 'proxy', points: [] }]);
});
