// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom, shuffle } from './seed.ts';

test('a seed gives the same numbers again, from 0 up to 1, and another seed gives others', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const [first, again] = [seededRandom(seed), seededRandom(seed)];
      const numbers = Array.from({ length: 20 }, first);
      expect(numbers).toEqual(Array.from({ length: 20 }, again));
      expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
      expect(numbers).not.toEqual(Array.from({ length: 20 }, seededRandom(seed + 1)));
    }),
  );
});

test('shuffling keeps every item, leaves the list alone, and favours no place', () => {
  const items = ['a', 'b', 'c', 'd'];
  const random = seededRandom(1);
  const first: Record<string, number> = {};
  for (let turn = 0; turn < 4000; turn += 1) {
    const shuffled = shuffle(items, random);
    expect(shuffled.toSorted()).toEqual(items);
    first[shuffled[0] ?? ''] = (first[shuffled[0] ?? ''] ?? 0) + 1;
  }
  expect(items).toEqual(['a', 'b', 'c', 'd']);
  // Five standard deviations around the mean of a thousand.
  for (const times of Object.values(first)) expect(Math.abs(times - 1000)).toBeLessThan(137);
});
