// SPDX-License-Identifier: Apache-2.0
import { metricIds, metrics, type MetricId } from '../metrics.ts';
import type { Window } from '../recording.ts';

/** How windows of a machine come out that never was. */
export interface WindowsOptions {
  /** Pairs of windows that compare. */
  readonly pairs: number;
  /** One pair of the same after so many that compare. */
  readonly noiseEvery?: number;
  /** How much worse the candidate is: 0.05 is 5 %. */
  readonly worse?: Partial<Readonly<Record<MetricId, number>>>;
  /** Of the logarithm of a value in one window, between the two sides. */
  readonly spread?: number;
  /** Of what both sides share, from one window to the next. */
  readonly drift?: number;
  /** What the first place is worse by than the second. */
  readonly place?: number;
  readonly random: () => number;
}

/** Windows with normally distributed noise, one in ten of them four times as noisy. */
export function windows({
  pairs,
  noiseEvery = 3,
  worse = {},
  spread = 0.02,
  drift = 0.01,
  place = 0.03,
  random,
}: WindowsOptions): readonly Window[] {
  const made: Window[] = [];
  let level = 0;
  const pair = (kind: Window['kind']): void => {
    for (const swapped of [false, true]) {
      level += drift * normal(random);
      const tail = random() < 0.1 ? 4 : 1;
      const side = (isCandidate: boolean): Window['baseline'] => ({
        values: Object.fromEntries(
          metricIds.map((id) => {
            const atFirstPlace = isCandidate === swapped;
            const by =
              level +
              spread * tail * normal(random) +
              (atFirstPlace ? place : 0) +
              (isCandidate && kind === 'compare' ? (worse[id] ?? 0) : 0);
            return [id, 100 * Math.exp(metrics[id].worse === 'more' ? by : -by)];
          }),
        ) as Record<MetricId, number>,
        requests: 10_000,
        failed: 0,
      });
      made.push({ kind, swapped, at: made.length * 2000, baseline: side(false), candidate: side(true) });
    }
  };
  for (let index = 0; index < pairs; index += 1) {
    pair('compare');
    if (index % noiseEvery === noiseEvery - 1) pair('noise');
  }
  return made;
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
