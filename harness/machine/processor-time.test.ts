// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { parseProcessorTime, processorTime } from './processor-time.ts';

test('the line of all processors together', () => {
  const stat = 'cpu  100 5 50 800 10 1 4 30 7 0\ncpu0 50 2 25 400 5 0 2 15 3 0\n';
  expect(parseProcessorTime(stat)).toEqual({ total: 1000, stolen: 30 });
});

test('of this machine', async () => {
  const { total, stolen } = await processorTime();
  expect(total).toBeGreaterThan(stolen);
});
