// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { seededRandom } from '../run/seed.ts';
import { rivals } from './rivals.ts';
import { windows, type WindowsOptions } from './testing/windows.ts';

/** How many of so many runs each rule fails for the median latency. */
function fails(runs: number, options: Omit<WindowsOptions, 'random'>): Readonly<Record<string, number>> {
  const random = seededRandom(20261123);
  const recorded = Array.from({ length: runs }, () => windows({ ...options, random }));
  return Object.fromEntries(rivals.map((rival) => [rival.id, recorded.filter((run) => rival.fails(run, 'p50')).length]));
}

it('see what is twice as bad, all of them', () => {
  const all = fails(20, { pairs: 24, worse: { p50: Math.log(2.3) }, drift: 0 });
  expect(all).toEqual({ threshold: 20, medians: 20, welch: 20, 'github-action-benchmark': 20 });
});

it('are as good as they say where nothing drifts', () => {
  const same = fails(1000, { pairs: 24, drift: 0, place: 0 });
  expect(same['threshold']).toBe(0);
  expect(same['medians']).toBe(0);
  expect(same['github-action-benchmark']).toBe(0);
  // One in a hundred is what it promises; beyond 21 of a thousand it would not keep that, with a probability of 0.9995.
  expect(same['welch']).toBeLessThanOrEqual(21);
});

it('fail what is the same where the machine drifts, which is what a duet is for', () => {
  const same = fails(200, { pairs: 24, drift: 0.02 });
  expect(same['welch']).toBeGreaterThan(20);
  expect(same['medians']).toBeGreaterThan(20);
});
