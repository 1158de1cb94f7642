// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proofSlice, proofSlices } from './proof-slice.ts';

test('every commit has a slice, and every slice has commits', () => {
  const slices = new Set<number>();
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{12}(-dirty)?$/), (commit) => {
      const slice = proofSlice(commit);
      slices.add(slice);
      return slice >= 1 && slice <= proofSlices && slice === proofSlice(commit);
    }),
    { numRuns: 1000 },
  );
  expect(slices.size).toBe(proofSlices);
});

test('without a checkout it is the first', () => {
  expect(proofSlice(undefined)).toBe(1);
});
