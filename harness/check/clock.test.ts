// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { milliseconds, minutes } from '../units.ts';
import { untilAborted } from './abort.ts';
import { systemClock } from './clock.ts';

test('the clock tells the time of day, never goes back, and pauses', async () => {
  const before = systemClock.now();
  await systemClock.pause(milliseconds(5));
  expect(systemClock.now()).toBeGreaterThan(before);
  expect(Number.isInteger(before)).toBe(true);
  expect(new Date(before).getUTCFullYear()).toBeGreaterThan(2024);
});

test('a pause ends with the reason as soon as its signal is aborted, also if it was so before', async () => {
  const controller = new AbortController();
  const pause = systemClock.pause(minutes(10), controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(pause).rejects.toBe(reason);
  await expect(systemClock.pause(minutes(10), controller.signal)).rejects.toBe(reason);
});

test('work is waited for until the signal is aborted, and not begun after it', async () => {
  const controller = new AbortController();
  expect(await untilAborted(() => 1, controller.signal)).toBe(1);
  await expect(untilAborted(() => Promise.reject(new Error('own')), controller.signal)).rejects.toThrow('own');
  const stuck = untilAborted(() => new Promise(() => undefined), controller.signal);
  controller.abort(new Error('enough'));
  await expect(stuck).rejects.toThrow('enough');
  let begun = false;
  await expect(untilAborted(() => (begun = true), controller.signal)).rejects.toThrow('enough');
  expect(begun).toBe(false);
});
