// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { identify, isAlive } from './process-identity.ts';

test('this process is alive, and not another one with its number', async () => {
  const self = await identify(process.pid);
  expect(self?.pid).toBe(process.pid);
  expect(await isAlive({ pid: process.pid, startTime: self?.startTime ?? '' })).toBe(true);
  expect(await isAlive({ pid: process.pid, startTime: '1' })).toBe(false);
});

test('a number beyond the largest is no process', async () => {
  expect(await identify(2 ** 22 + 1)).toBeUndefined();
});
