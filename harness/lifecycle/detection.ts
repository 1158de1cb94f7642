// SPDX-License-Identifier: Apache-2.0

/** Lengths of openings for which a cell says how surely it would have seen them, in milliseconds. */
export const openingLengths = [5, 50, 500] as const;

/**
 * How surely an opening of some length is seen that begins at any moment of the watch alike: the part of those moments after which a request is
 * sent before the opening ends.
 *
 * @param sentAt - ascending
 */
export function detectionProbability(
  sentAt: readonly number[],
  watch: { readonly from: number; readonly to: number },
  length: number,
): number {
  const span = watch.to - watch.from - length;
  if (span <= 0) return 0;
  let covered = 0;
  let coveredTo = watch.from;
  for (const at of sentAt) {
    const from = Math.max(at - length, coveredTo);
    const to = Math.min(at, watch.from + span);
    if (to > from) covered += to - from;
    coveredTo = Math.max(coveredTo, to);
  }
  return covered / span;
}

/**
 * What rate of leaks so many tries without one leave possible, at 95 % confidence (Clopper-Pearson, one-sided); for few tries near three by their
 * number.
 */
export function unseenRate(tries: number): number {
  return tries <= 0 ? 1 : 1 - 0.05 ** (1 / tries);
}

/** The rate of something seen in some of all tries: bounds at 95 % confidence (Wilson). */
export function rateInterval(seen: number, tries: number): { readonly low: number; readonly high: number } {
  if (tries === 0) return { low: 0, high: 1 };
  const z = 1.959964;
  const rate = seen / tries;
  const middle = rate + z ** 2 / (2 * tries);
  const spread = z * Math.sqrt((rate * (1 - rate)) / tries + z ** 2 / (4 * tries ** 2));
  const scale = 1 + z ** 2 / tries;
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}
