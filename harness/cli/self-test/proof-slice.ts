// SPDX-License-Identifier: Apache-2.0

/** Into how many slices the sabotages are dealt: one of them takes some minutes. */
export const proofSlices = 16;

/**
 * The slice of the sabotages that a commit proves: all of them take longer than a commit should wait for, so each proves another part,
 * and the night (`gauntlet prove`) proves all. Outside of a checkout it is the first.
 *
 * @param commit - hexadecimal hash, whole or its beginning
 */
export function proofSlice(commit: string | undefined): number {
  const beginning = parseInt((commit ?? '').slice(0, 8), 16);
  return Number.isNaN(beginning) ? 1 : (beginning % proofSlices) + 1;
}
