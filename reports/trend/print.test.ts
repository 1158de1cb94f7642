// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { printTrend } from './print.ts';

it('shows each number under its machine', () => {
  const points = (...values: readonly number[]) => values.map((value) => ({ runId: 'r', target: 't', value }));
  const series = [
    { machine: 'A, 2 cores, amd64', id: 'throughput: requests', unit: 'per second', points: points(4000, 4100) },
    { machine: 'B, 4 cores, arm64', id: 'throughput: requests', unit: 'per second', points: points(9000) },
    { machine: 'A, 2 cores, amd64', id: 'gate-http1: p50', unit: 'ratio', points: points(1.0123) },
  ] as const;
  expect(printTrend(series)).toBe(
    [
      'A, 2 cores, amd64',
      '  throughput: requests: 4,000/s, 4,100/s',
      '  gate-http1: p50: 1.012',
      '',
      'B, 4 cores, arm64',
      '  throughput: requests: 9,000/s',
    ].join('\n'),
  );
});
