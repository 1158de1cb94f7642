// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hodgesLehmann, signedRankPValue } from './signed-rank.ts';

interface Case {
  readonly values: readonly number[];
  readonly greater: number;
  readonly twoSided: number;
  readonly hodgesLehmann: number;
  readonly interval95: readonly [number, number] | null;
  readonly interval99: readonly [number, number] | null;
}

/** Made by `testdata/reference.py`. */
const { cases } = JSON.parse(readFileSync(new URL('testdata/reference.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[];
};

describe.each(cases)('for $values.length values', (reference) => {
  it('p-values are those of SciPy', () => {
    expect(signedRankPValue(reference.values, 'greater')).toBeCloseTo(reference.greater, 10);
    expect(signedRankPValue(reference.values, 'two-sided')).toBeCloseTo(reference.twoSided, 10);
  });

  it('estimate and intervals are those that the test of SciPy does not reject', () => {
    expect(hodgesLehmann(reference.values, 0.95).value).toBeCloseTo(reference.hodgesLehmann, 10);
    for (const [confidence, interval] of [
      [0.95, reference.interval95],
      [0.99, reference.interval99],
    ] as const) {
      if (interval === null) continue;
      const { low, high } = hodgesLehmann(reference.values, confidence);
      expect(low).toBeCloseTo(interval[0], 10);
      expect(high).toBeCloseTo(interval[1], 10);
    }
  });
});

/** R's example of `wilcox.test`: scores of depression before and after a therapy (Hollander and Wolfe 1973, p. 29). */
const depression = [
  [1.83, 0.878],
  [0.5, 0.647],
  [1.62, 0.598],
  [2.48, 2.05],
  [1.68, 1.06],
  [1.88, 1.29],
  [1.55, 1.06],
  [3.06, 3.14],
  [1.3, 1.29],
].map(([before = 0, after = 0]) => before - after);

it('the p-value of the example in the manual of R is its own', () => {
  expect(signedRankPValue(depression, 'greater')).toBeCloseTo(0.01953125, 12);
});

/** The p-value by looking at all ways to give signs. */
function byEnumeration(values: readonly number[]): number {
  const sizes = values.filter((value) => value !== 0).map(Math.abs);
  const rankOf = (size: number): number => (sizes.filter((one) => one < size).length + sizes.filter((one) => one <= size).length + 1) / 2;
  const ranks = sizes.map(rankOf);
  const observed = values.filter((value) => value > 0).reduce((total, value) => total + rankOf(value), 0);
  let asExtreme = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs += 1) {
    const total = ranks.reduce((all, rank, index) => all + ((signs >> index) & 1) * rank, 0);
    if (total >= observed) asExtreme += 1;
  }
  return asExtreme / 2 ** ranks.length;
}

it('p-values are exact also with ties and zeros', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 9 }), (values) => {
      expect(signedRankPValue(values, 'greater')).toBeCloseTo(byEnumeration(values), 12);
    }),
  );
});

it('an interval holds its estimate, and is unbounded where there are too few values for it', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 30 }), (values) => {
      const { value, low, high } = hodgesLehmann(values, 0.99);
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }),
  );
  expect(hodgesLehmann([1, 2, 3], 0.99)).toEqual({ value: 2, low: -Infinity, high: Infinity });
});
