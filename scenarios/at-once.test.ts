// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { forEachAtOnce } from './at-once.ts';

it('does each once, and no more than so many at a time', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  await forEachAtOnce(
    Array.from({ length: 50 }, (_, index) => index),
    4,
    async (item) => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      done.push(item);
      now -= 1;
    },
  );
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
  expect(most).toBe(4);
});

it('fails with the first failure', async () => {
  await expect(forEachAtOnce([1, 2, 3], 2, (item) => (item === 2 ? Promise.reject(new Error('two')) : Promise.resolve()))).rejects.toThrow(
    'two',
  );
});
