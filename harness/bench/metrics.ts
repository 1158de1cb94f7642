// SPDX-License-Identifier: Apache-2.0

/** Something that is measured on each side of a window. */
export interface Metric {
  readonly unit: 'per second' | 'ms' | 's' | 'bytes';
  /** Where more of it is worse: latency; and where less of it is: throughput. */
  readonly worse: 'more' | 'less';
  /** Whether the gate decides by it; the others are reported only. */
  readonly decides: boolean;
}

/** What is measured of a gateway under load. */
export const metrics = {
  goodRate: { unit: 'per second', worse: 'less', decides: true },
  p50: { unit: 'ms', worse: 'more', decides: true },
  mean: { unit: 'ms', worse: 'more', decides: false },
  p90: { unit: 'ms', worse: 'more', decides: false },
  p99: { unit: 'ms', worse: 'more', decides: false },
  cpuPerRequest: { unit: 's', worse: 'more', decides: true },
  memory: { unit: 'bytes', worse: 'more', decides: false },
} as const satisfies Record<string, Metric>;

/** One of {@link metrics}. */
export type MetricId = keyof typeof metrics;

/** All of {@link metrics}, in the order in which reports show them. */
export const metricIds = Object.keys(metrics) as readonly MetricId[];

/** Those by which the gate decides. */
export const gateMetrics = metricIds.filter((id) => metrics[id].decides);
