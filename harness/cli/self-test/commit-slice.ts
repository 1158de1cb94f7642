// SPDX-License-Identifier: Apache-2.0

/**
 * The slice of something that a commit takes, `3/16` as `--shard` reads it: what takes longer than a commit should wait for is dealt out, so that each
 * commit takes another part, and the night takes all. Outside of a checkout it is the first.
 *
 * @param commit - hexadecimal hash, whole or its beginning
 * @param slices - into how many it is dealt
 */
export function commitSlice(commit: string | undefined, slices: number): string {
  const beginning = parseInt((commit ?? '').slice(0, 8), 16);
  return `${Number.isNaN(beginning) ? 1 : (beginning % slices) + 1}/${slices}`;
}
