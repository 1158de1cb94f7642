// SPDX-License-Identifier: Apache-2.0

/** Which differences count as evidence. */
export type Alternative = 'greater' | 'two-sided';

/** An estimate with the interval that holds the true value in so many of a hundred experiments. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The exact p-value of Wilcoxon's signed-rank test: how probable ranks as one-sided as these are if the values are symmetric about 0. Zeros are left
 * out and ties share their ranks, over which the distribution is the exact one too; 1 without any value.
 *
 * Source: F. Wilcoxon, Individual comparisons by ranking methods (1945); R's `wilcox.test(exact = TRUE)` and SciPy's `wilcoxon(method="exact")`
 * where there are no ties.
 */
export function signedRankPValue(values: readonly number[], alternative: Alternative): number {
  const counted = values.filter((value) => value !== 0);
  const ranks = doubledRanks(counted.map(Math.abs));
  const positive = sum(ranks.filter((_, index) => (counted[index] ?? 0) > 0));
  const distribution = doubledDistribution(ranks);
  const above = sum(distribution.slice(positive));
  if (alternative === 'greater') return Math.min(1, above);
  const below = sum(distribution.slice(0, positive + 1));
  return Math.min(1, 2 * Math.min(above, below));
}

/**
 * The median of all averages of two values (Hodges and Lehmann), with the interval of the values that the signed-rank test does not reject. The
 * interval is unbounded where there are too few values for such a confidence.
 *
 * @param confidence `0.99` for one that holds the true value in 99 of 100 experiments at least.
 */
export function hodgesLehmann(values: readonly number[], confidence: number): Estimate {
  const averages = walshAverages(values);
  const outside = averagesOutside(values.length, 1 - confidence);
  return {
    value: median(averages),
    low: averages[outside - 1] ?? -Infinity,
    high: outside === 0 ? Infinity : (averages[averages.length - outside] ?? Infinity),
  };
}

/** Averages of each value with itself and with each other one, in order. */
function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let next = 0;
  values.forEach((a, index) => {
    for (const b of values.slice(index)) {
      averages[next] = (a + b) / 2;
      next += 1;
    }
  });
  return averages.sort();
}

/** How many averages lie outside of an interval on each side, so that no more than `alpha` is left out in all; the interval begins with the last of them. */
function averagesOutside(count: number, alpha: number): number {
  const distribution = doubledDistribution(Array.from({ length: count }, (_, index) => 2 * (index + 1)));
  let below = 0;
  let outside = 0;
  for (let rankSum = 0; 2 * rankSum < distribution.length; rankSum += 1) {
    below += distribution[2 * rankSum] ?? 0;
    if (below > alpha / 2) break;
    outside = rankSum + 1;
  }
  return outside;
}

/** Twice the rank of each value, so that shared ranks are whole numbers. */
function doubledRanks(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length);
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last + 1 < order.length && values[order[last + 1] ?? 0] === values[order[first] ?? 0]) last += 1;
    for (const index of order.slice(first, last + 1)) ranks[index] = first + last + 2;
    first = last + 1;
  }
  return ranks;
}

/** Probability of each sum of the (doubled) ranks that are positive, if each is with one half. */
function doubledDistribution(ranks: readonly number[]): Float64Array {
  const probability = new Float64Array(sum(ranks) + 1);
  probability[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let total = reached; total >= 0; total -= 1)
      probability[total] = ((probability[total] ?? 0) + (total >= rank ? (probability[total - rank] ?? 0) : 0)) / 2;
  }
  return probability;
}

function median(sorted: Float64Array): number {
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
