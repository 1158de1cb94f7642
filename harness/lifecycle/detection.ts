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
