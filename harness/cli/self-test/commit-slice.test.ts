// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShard } from '../../run/plan.ts';
import { commitSlice } from './commit-slice.ts';

test('every commit has one slice, the same every time, and every slice has commits', () => {
  const taken = new Set<number>();
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{12}(-dirty)?$/), (commit) => {
      const { index, count } = parseShard(commitSlice(commit, 16));
      taken.add(index);
      return count === 16 && commitSlice(commit, 16) === commitSlice(commit, 16);
    }),
    { numRuns: 1000 },
  );
  expect(taken.size).toBe(16);
});

test('without a checkout it is the first', () => {
  expect(commitSlice(undefined, 3)).toBe('1/3');
});
