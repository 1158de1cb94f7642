// SPDX-License-Identifier: Apache-2.0
import type { GateDecision, MetricFinding, Ratio } from '../../harness/bench/gate.ts';
import type { MetricId } from '../../harness/bench/metrics.ts';
import type { Mark } from '../format.ts';

/** Metrics by name. */
export const metricTitles: Readonly<Record<MetricId, string>> = {
  goodRate: 'Requests answered rightly per second',
  p50: 'Latency, median',
  mean: 'Latency, mean',
  p90: 'Latency, 90th percentile',
  p99: 'Latency, 99th percentile',
  cpuPerRequest: 'CPU time of the proxy per request',
  memory: 'Memory of the proxy',
};

/** What a gate decided, as a badge. */
export const gateMarks: Readonly<Record<GateDecision['verdict'], Mark>> = {
  pass: { symbol: '✓', label: 'NO WORSE' },
  fail: { symbol: '✗', label: 'WORSE' },
  inconclusive: { symbol: '?', label: 'INCONCLUSIVE' },
};

/** How much worse: `+1.3 %`, and `?` where it is not known. */
export const worseText = (value: number | null): string =>
  value === null ? '?' : `${value < 1 ? '−' : '+'}${Math.abs(100 * (value - 1)).toFixed(1)} %`;

/** With the interval: `+1.3 % (−0.4 % to +3.1 %)`. */
export const ratioText = ({ value, low, high }: Ratio): string => `${worseText(value)} (${worseText(low)} to ${worseText(high)})`;

/** The rows of a gate's table: metric, how much worse, what two of the same differ by, p-value. */
export const findingCells = ({ metric, ratio, noise, pValue }: MetricFinding): readonly [string, string, string, string] => [
  metricTitles[metric],
  ratioText(ratio),
  ratioText(noise),
  pValue < 0.0001 ? '< 0.0001' : pValue.toFixed(4),
];

/** Heads of {@link findingCells}. */
export const findingHeads = ['metric', 'worse by', 'two of the same', 'p'] as const;
