// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { restartDelay, restartLimits } from './restart-policy.ts';

test('each death within the window doubles the delay, one too many gives up', () => {
  const deaths = [0, 1000, 2000, 3000, 4000];
  const delays = deaths.map((_, index) => restartDelay(deaths.slice(0, index + 1))?.ms);
  expect(delays).toEqual([100, 200, 400, 800, undefined]);
});

test('deaths that are further apart than the window are forgiven for ever', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (count) => {
      const deaths = Array.from({ length: count }, (_, index) => index * restartLimits.window.ms);
      expect(restartDelay(deaths)).toEqual(restartLimits.firstDelay);
    }),
  );
});
