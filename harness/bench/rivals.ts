// SPDX-License-Identifier: Apache-2.0
import jstat from 'jstat';
import { mean, median, sampleVariance } from 'simple-statistics';
import { metrics, type MetricId } from './metrics.ts';
import type { Window } from './recording.ts';

/** A rule by which others decide whether a candidate is worse, on the same windows; true is a fail. */
export interface Rival {
  readonly id: string;
  readonly title: string;
  readonly fails: (windows: readonly Window[], metric: MetricId) => boolean;
}

/** How much worse: 1.05 is 5 %. */
const worseBy = (metric: MetricId, baseline: number, candidate: number): number =>
  metrics[metric].worse === 'more' ? candidate / baseline : baseline / candidate;

/** One after the other, as their users run them: the baseline in the first half of the time, the candidate in the second. */
function runs(windows: readonly Window[], metric: MetricId): { readonly baseline: number[]; readonly candidate: number[] } {
  const compared = windows.filter(({ kind, invalid }) => kind === 'compare' && invalid === undefined);
  const half = Math.floor(compared.length / 2);
  return {
    baseline: compared.slice(0, half).flatMap(({ baseline }) => baseline.values[metric] ?? []),
    candidate: compared.slice(half).flatMap(({ candidate }) => candidate.values[metric] ?? []),
  };
}

const worseThan =
  (limit: number, average: (values: number[]) => number) =>
  (windows: readonly Window[], metric: MetricId): boolean => {
    const { baseline, candidate } = runs(windows, metric);
    return worseBy(metric, average(baseline), average(candidate)) > limit;
  };

/** Rules that are in use elsewhere; sources in section 3 of the performance anchors. */
export const rivals: readonly Rival[] = [
  { id: 'threshold', title: 'means of two runs differ by more than 5 %', fails: worseThan(1.05, mean) },
  { id: 'medians', title: 'medians of two runs differ by more than 5 %', fails: worseThan(1.05, median) },
  {
    id: 'welch',
    title: "Welch's t-test between two runs, p <= 0.01",
    fails: (windows, metric) => welchPValue(runs(windows, metric), metric) <= 0.01,
  },
  { id: 'github-action-benchmark', title: 'twice the last value, the default of github-action-benchmark', fails: worseThan(2, mean) },
];

/** Of the candidate being no worse. */
function welchPValue({ baseline, candidate }: ReturnType<typeof runs>, metric: MetricId): number {
  const [a, b] = [sampleVariance(baseline) / baseline.length, sampleVariance(candidate) / candidate.length];
  const worse = (mean(candidate) - mean(baseline)) * (metrics[metric].worse === 'more' ? 1 : -1);
  const freedom = (a + b) ** 2 / (a ** 2 / (baseline.length - 1) + b ** 2 / (candidate.length - 1));
  return jstat.studentt.cdf(-worse / Math.sqrt(a + b), freedom);
}
