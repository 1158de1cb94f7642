// SPDX-License-Identifier: Apache-2.0
import { metrics, type MetricId } from './metrics.ts';

/** What one side of a window did. */
export interface WindowSide {
  /** Each metric, null where it could not be measured: what was not measured must not look like what is free. */
  readonly values: Readonly<Record<MetricId, number | null>>;
  /** Requests that were answered as they should have been. */
  readonly requests: number;
  /** Requests that were not. */
  readonly failed: number;
}

/** One window: both sides under the same load, as it was measured. Every decision is made from windows alone, so that it can be made again. */
export interface Window {
  /** `compare`: baseline and candidate; `noise`: two of the baseline. */
  readonly kind: 'compare' | 'noise';
  /** Whether the sides had exchanged their places (processor, backend); each pair is one window of either kind. */
  readonly swapped: boolean;
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly baseline: WindowSide;
  readonly candidate: WindowSide;
  /** Why the window says nothing of the gateways: the driver was the limit, the machine was taken away. */
  readonly invalid?: string;
}

/**
 * How much worse the candidate was in each pair of windows, as the logarithm of a ratio: 0.05 is 5 % worse, whichever way the metric goes. A pair is two
 * valid windows of one kind that follow each other, the sides in exchanged places, so that what belongs to a place cancels; a pair without the metric is
 * left out.
 */
export function worsening(windows: readonly Window[], kind: Window['kind'], metric: MetricId): readonly number[] {
  return pairsOf(windows, kind).flatMap(([one, other]) => {
    const [first, second] = [logRatio(one, metric), logRatio(other, metric)];
    return first === undefined || second === undefined ? [] : [(first + second) / 2];
  });
}

/** Valid windows of one kind, two by two. */
export function pairsOf(windows: readonly Window[], kind: Window['kind']): readonly (readonly [Window, Window])[] {
  const pairs: (readonly [Window, Window])[] = [];
  let waiting: Window | undefined;
  for (const window of windows.filter((one) => one.kind === kind)) {
    if (window.invalid !== undefined) waiting = undefined;
    else if (waiting === undefined || waiting.swapped === window.swapped) waiting = window;
    else {
      pairs.push([waiting, window]);
      waiting = undefined;
    }
  }
  return pairs;
}

function logRatio({ baseline, candidate }: Window, metric: MetricId): number | undefined {
  const [a, b] = [baseline.values[metric], candidate.values[metric]];
  if (a === null || b === null) return undefined;
  return Math.log(b / a) * (metrics[metric].worse === 'more' ? 1 : -1);
}
