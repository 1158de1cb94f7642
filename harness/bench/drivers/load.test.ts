// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { latencyHistogram } from './load.ts';

it('latencies well below a millisecond are told apart to three digits, and not interpolated', () => {
  for (const [one, other] of [
    [410, 411],
    [1980, 1990],
    [250_000, 250_400],
  ] as const) {
    const histogram = latencyHistogram();
    histogram.recordValueWithCount(one, 980);
    histogram.recordValueWithCount(other, 20);
    expect(Math.abs(histogram.getValueAtPercentile(50) - one) / one).toBeLessThan(0.001);
    expect(histogram.getValueAtPercentile(99)).toBeGreaterThan(histogram.getValueAtPercentile(50));
  }
});
