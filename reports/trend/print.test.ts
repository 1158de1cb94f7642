// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { printTrend } from './print.ts';

it('shows each number under its gateway and machine, with its interval', () => {
  const points = (machine: string, ...values: readonly { value: number; low?: number; high?: number }[]) =>
    values.map((value) => ({ runId: 'r', startedAt: 1, target: 't@1', architecture: 'amd64', machine, ...value }));
  const [a, b] = ['A, 2 cores, amd64', 'B, 4 cores, arm64'];
  const throughput = { gateway: 't', id: 'throughput: requests', unit: 'per second' } as const;
  const series = [
    { ...throughput, machine: a, points: points(a, { value: 4000 }, { value: 4100 }) },
    { ...throughput, machine: b, points: points(b, { value: 9000 }) },
    { gateway: 't', machine: a, id: 'gate-http1: p50', unit: 'ratio', points: points(a, { value: 1.0123, low: 0.99, high: 1.03 }) },
  ] as const;
  expect(printTrend(series)).toBe(
    [
      't on A, 2 cores, amd64',
      '  throughput: requests: 4,000/s, 4,100/s',
      '  gate-http1: p50: 1.012 (0.990 to 1.030)',
      '',
      't on B, 4 cores, arm64',
      '  throughput: requests: 9,000/s',
    ].join('\n'),
  );
});
