// SPDX-License-Identifier: Apache-2.0
import type { TrendEntry } from '../../harness/bench/trend/entry.ts';

const machines = {
  amd64: { processor: 'AMD EPYC 7763', cores: '2', architecture: 'amd64' },
  larger: { processor: 'AMD EPYC 9654', cores: '8', architecture: 'amd64' },
  arm64: { processor: 'Neoverse-N1', cores: '4', architecture: 'arm64' },
};

/** Of each run: its machine, requests a second, and how much worse a candidate was. */
const runs: readonly (readonly [machine: keyof typeof machines, rate: number, ratio?: readonly [value: number, low: number, high: number]])[] = [
  ['amd64', 20_100, [1.002, 0.985, 1.02]],
  ['amd64', 19_700, [1.011, 0.99, 1.03]],
  ['amd64', 20_400],
  ['larger', 41_000, [0.995, 0.98, 1.01]],
  ['larger', 40_200, [1.083, 1.06, 1.105]],
  ['arm64', 33_000, [1.001, 0.97, 1.03]],
  ['arm64', 33_500, [0.999, 0.98, 1.02]],
  ['amd64', 20_300, [1.006, 0.99, 1.021]],
];

/** A trend in which the machine changes twice, and comes back. */
export const sampleTrend: readonly TrendEntry[] = runs.map(([machine, rate, ratio], index) => ({
  runId: `202611${10 + index}-120000-k3v${index}`,
  startedAt: Date.UTC(2026, 10, 10 + index, 12),
  gauntlet: '0.1.0 c5fd419',
  target: index < 4 ? 'kgateway@2.2.0' : 'kgateway@2.2.1',
  images: {},
  machine: machines[machine],
  values: [
    { id: 'throughput-http1: 16 connections, no body: requests', unit: 'per second', value: rate },
    { id: 'throughput-http1: 16 connections, no body: p99', unit: 'ms', value: 90_000 / rate },
    ...(ratio === undefined ? [] : [{ id: 'gate-http1: p50', unit: 'ratio' as const, value: ratio[0], low: ratio[1], high: ratio[2] }]),
  ],
}));
