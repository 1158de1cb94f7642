// SPDX-License-Identifier: Apache-2.0
import { hodgesLehmann } from './statistics/signed-rank.ts';

/** One window of load: on a route without a policy, or on one with the policy of that name. */
export interface OverheadWindow {
  /** Absent for the route without. */
  readonly policy?: string;
  /** What could not be measured is null. */
  readonly rate: number | null;
  readonly cpuPerRequest: number | null;
}

/** Something that is compared between windows. */
export type OverheadMetric = 'rate' | 'cpuPerRequest';

/** How many times as much it is as without a policy: 1 is the same. Bounds are null where there are too few windows for them. */
export interface Ratio {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

const confidence = 0.95;

/**
 * Compares a policy with none. Each of its windows stands between two without a policy, and is divided by what these had in the mean, so that a machine that
 * becomes slower or faster does so for both. Null if there is no such window.
 *
 * @param windows in the order in which they were played
 */
export function ratioToNone(windows: readonly OverheadWindow[], policy: string, metric: OverheadMetric): Ratio | null {
  const logarithms = windows.flatMap((window, index) => {
    const [before, after] = [windows[index - 1], windows[index + 1]];
    if (window.policy !== policy || !isNone(before) || !isNone(after)) return [];
    const [own, first, second] = [window[metric], before[metric], after[metric]];
    return own === null || first === null || second === null ? [] : [Math.log(own) - (Math.log(first) + Math.log(second)) / 2];
  });
  if (logarithms.length === 0) return null;
  const { value, low, high } = hodgesLehmann(logarithms, confidence);
  const bound = (logarithm: number): number | null => (Number.isFinite(logarithm) ? Math.exp(logarithm) : null);
  return { value: Math.exp(value), low: bound(low), high: bound(high) };
}

const isNone = (window: OverheadWindow | undefined): window is OverheadWindow => window !== undefined && window.policy === undefined;

/** The order in which windows are played: none before and after each policy, and every other round the other way round. */
export function roundOf(policies: readonly string[], round: number): readonly (string | undefined)[] {
  const order = round % 2 === 0 ? policies : policies.toReversed();
  return [undefined, ...order.flatMap((policy) => [policy, undefined])];
}
