// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../run/seed.ts';
import { memorySeries, type MemorySeriesOptions } from '../testing/memory-series.ts';
import { slopeOf, theilSen, type Point, type SlopeEstimate } from './theil-sen.ts';

interface Case {
  readonly at: readonly number[];
  readonly values: readonly number[];
  readonly theilSen: number;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Made by `testdata/slope-reference.py`. */
const { cases, confidence, few } = JSON.parse(readFileSync(new URL('testdata/slope-reference.json', import.meta.url), 'utf8')) as {
  readonly confidence: number;
  readonly few: number;
  readonly cases: readonly Case[];
};
const pointsOf = ({ at, values }: Case): readonly Point[] => at.map((one, index) => [one, values[index] ?? NaN]);

describe.each(cases)('for $at.length samples', (reference) => {
  const points = pointsOf(reference);

  it('the slope is that of SciPy', () => {
    expect(theilSen(points.slice(0, few))).toBeCloseTo(reference.theilSen, 10);
  });

  it('the interval is that of NumPy with other random numbers', () => {
    const { value, low, high } = slopeOf(points, { confidence, random: seededRandom(1), resamples: 1999 }) as SlopeEstimate;
    expect(value).toBeCloseTo(reference.value, 10);
    // A quantile of two thousand resamples is itself off by some hundredths.
    const off = 0.15 * (reference.high - reference.low);
    expect(Math.abs(low - reference.low)).toBeLessThan(off);
    expect(Math.abs(high - reference.high)).toBeLessThan(off);
  });
});

it('few samples have no slope', () => {
  const random = seededRandom(1);
  expect(slopeOf(memorySeries({ samples: 59, slope: 1, random }), { confidence, random })).toBeUndefined();
});

it('the slope of a line is its own, wherever it begins and up to a quarter of outliers', () => {
  const values = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(values, values, fc.array(values, { minLength: 4, maxLength: 20 }), (slope, start, wild) => {
      const line = Array.from({ length: 5 * wild.length }, (_, at): Point => [at, start + slope * at]);
      const spoiled = line.map((point, index): Point => (index % 5 === 2 ? [point[0], wild[(index - 2) / 5] ?? 0] : point));
      expect(theilSen(line)).toBeCloseTo(slope, 6);
      expect(theilSen(spoiled)).toBeCloseTo(slope, 6);
    }),
  );
});

describe('half an hour of memory', () => {
  const limit = 0.5;
  const halfAnHour = 30 * 60;
  const noises: Record<string, Omit<MemorySeriesOptions, 'samples' | 'slope' | 'random'>> = {
    'of a process in C++': { spread: 1, correlation: 0.9 },
    'of a garbage collector': { spread: 0.5, correlation: 0.5, garbage: 6, collectedEach: 110 },
  };
  const runs = 40;
  const estimates = (slope: number, noise: (typeof noises)[string], seed: number): readonly SlopeEstimate[] => {
    const random = seededRandom(seed);
    return Array.from({ length: runs }, () => {
      const estimate = slopeOf(memorySeries({ samples: halfAnHour, slope, random, ...noise }), { confidence, random, resamples: 299 });
      return estimate as SlopeEstimate;
    });
  };

  it.each(Object.entries(noises))('%s: a leak of 1 MiB a minute is found every time, and said to be findable', (_, noise) => {
    const all = estimates(1, noise, 2);
    expect(all.filter(({ low }) => low > limit)).toHaveLength(runs);
    expect(all.every(({ detectable }) => limit + detectable < 1)).toBe(true);
  });

  it.each(Object.entries(noises))('%s: none is found where there is none, and at the limit no more often than promised', (_, noise) => {
    expect(estimates(0, noise, 3).filter(({ low }) => low > limit)).toHaveLength(0);
    // One in a hundred is promised; four of forty or more come of that in one case of a thousand.
    expect(estimates(limit, noise, 4).filter(({ low }) => low > limit).length).toBeLessThan(4);
  });

  it('a slope of the detectable size is found as often as is said', () => {
    const random = seededRandom(5);
    const noise = noises['of a process in C++'];
    const said = estimates(0, noise ?? {}, 6).map(({ detectable }) => detectable);
    const typical = said.toSorted((a, b) => a - b)[runs / 2] ?? 0;
    const found = Array.from({ length: runs }, () => {
      const series = memorySeries({ samples: halfAnHour, slope: limit + typical, random, ...noise });
      return (slopeOf(series, { confidence, random, resamples: 299 })?.low ?? 0) > limit;
    });
    expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(0.85 * runs);
  });
});
