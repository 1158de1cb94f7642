// SPDX-License-Identifier: Apache-2.0
import jstat from 'jstat';

/** A value at a time. */
export type Point = readonly [at: number, value: number];

/** How fast values grow, and how surely that is known. All in units of the values per unit of the times. */
export interface SlopeEstimate {
  readonly value: number;
  /** The interval that holds the true slope in so many of a hundred series, as was asked for. */
  readonly low: number;
  readonly high: number;
  /** By how much a slope has to exceed a limit, so that in {@link power} of such series its whole interval lies above the limit. */
  readonly detectable: number;
}

/** How an interval is made. */
export interface SlopeOptions {
  /** Both ends together: `0.98` leaves one in a hundred on each side. */
  readonly confidence: number;
  readonly random: () => number;
  /** 499 by default. */
  readonly resamples?: number;
}

/** Share of series in which a slope of the detectable size is found. */
export const power = 0.95;

/**
 * Of stretches of a series the medians are looked at: a spike of a second is none of growth, and noise that lasts some seconds is averaged. So many of
 * them at most, of so many samples at least.
 */
const stretch = { most: 30, leastSamples: 5 };
/** Stretches that are resampled together, since neighbours are alike. */
const blockLength = 3;
/** Fewer say nothing of the noise. */
const fewestSamples = 60;

/**
 * The median of the slopes between each two points: a quarter of them may be anything. Points at the same time have none between them.
 *
 * Source: H. Theil (1950), P. K. Sen (1968); the slope of SciPy's `theilslopes`.
 */
export function theilSen(points: readonly Point[]): number {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let count = 0;
  points.forEach(([at, value], index) => {
    for (let later = index + 1; later < points.length; later += 1) {
      const [laterAt, laterValue] = points[later] as Point;
      if (laterAt === at) continue;
      slopes[count] = (laterValue - value) / (laterAt - at);
      count += 1;
    }
  });
  return medianOf(slopes.subarray(0, count));
}

/**
 * The slope of a series whose noise is not independent, with an interval from resampled residuals (circular block bootstrap). Undefined for fewer than
 * sixty samples. Resamples of few blocks vary less than the noise did, so that the interval is as much wider as Student's distribution is.
 *
 * Source: H. R. Künsch (1989), D. N. Politis and J. P. Romano (1992).
 */
export function slopeOf(series: readonly Point[], { confidence, random, resamples = 499 }: SlopeOptions): SlopeEstimate | undefined {
  if (series.length < fewestSamples) return undefined;
  const points = mediansOf(series);
  const value = theilSen(points);
  const level = medianOf(Float64Array.from(points, ([at, seen]) => seen - value * at));
  const residuals = points.map(([at, seen]) => seen - value * at - level);
  const errors = Float64Array.from({ length: resamples }, () => {
    const drawn = resampled(residuals, random);
    return theilSen(points.map(([at], index) => [at, drawn[index] ?? 0]));
  }).sort();
  const outside = (1 - confidence) / 2;
  const wider = widening(points.length, 1 - outside);
  const at = (share: number): number => wider * (errors[Math.min(resamples - 1, Math.round(share * (resamples + 1)) - 1)] ?? 0);
  // What was estimated is as far from the truth as a resample is from the estimate.
  const [low, high] = [value - at(1 - outside), value - at(outside)];
  return { value, low, high, detectable: value - low + at(power) };
}

/** By how much resamples of so few blocks understate: a fitted line takes two blocks' worth of the noise, and what is left is an estimate itself. */
function widening(points: number, quantile: number): number {
  const freedom = points / blockLength - 2;
  const student = jstat.studentt.inv(quantile, freedom) / jstat.normal.inv(quantile, 0, 1);
  return student * Math.sqrt(points / (points - 2 * blockLength));
}

/** The median time and value of each stretch. */
function mediansOf(series: readonly Point[]): readonly Point[] {
  const count = Math.min(stretch.most, Math.floor(series.length / stretch.leastSamples));
  return Array.from({ length: count }, (_, index) => {
    const from = Math.floor((index * series.length) / count);
    const part = series.slice(from, Math.floor(((index + 1) * series.length) / count));
    return [medianOf(Float64Array.from(part, ([at]) => at)), medianOf(Float64Array.from(part, ([, value]) => value))];
  });
}

/** As many residuals, in blocks that begin anywhere; the last is followed by the first. */
function resampled(residuals: readonly number[], random: () => number): readonly number[] {
  const drawn: number[] = [];
  while (drawn.length < residuals.length) {
    const start = Math.floor(random() * residuals.length);
    for (let index = 0; index < blockLength; index += 1) drawn.push(residuals[(start + index) % residuals.length] ?? 0);
  }
  return drawn.slice(0, residuals.length);
}

/** Sorts what it is given. */
function medianOf(values: Float64Array): number {
  values.sort();
  const middle = values.length / 2;
  return ((values[Math.ceil(middle) - 1] ?? NaN) + (values[Math.floor(middle)] ?? NaN)) / 2;
}
