// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from '../../harness/bench/measurement.ts';
import type { RunDocument } from '../../harness/run/document.ts';
import { countVerdicts } from '../../harness/run/fold.ts';
import { check, execution, sampleRun } from './sample.ts';

const rate = (connections: number, value: number, rest: Partial<Measurement> = {}): Measurement => ({
  cell: `${connections} connections, 1 KiB`,
  metric: 'requests',
  unit: 'per second',
  value,
  direct: 3 * value,
  ...rest,
});
const p99 = (connections: number, value: number | null, direct: number): Measurement => ({
  cell: `${connections} connections, 1 KiB`,
  metric: 'p99',
  unit: 'ms',
  value,
  direct,
});

/** A run of scenarios: one that passed, with a cell that was the driver's limit, and one in which requests failed. */
export function sampleLoad(): RunDocument {
  const throughput = {
    measurements: [
      ...[rate(1, 4200), p99(1, 0.42, 0.11)],
      ...[rate(16, 9100), p99(16, 3.8, 0.9)],
      ...[rate(32, 8900), p99(32, 12.5, 1.7)],
      ...[rate(512, 9800, { invalid: 'the driver used 99 % of its processor' }), p99(512, null, 48)],
    ],
    charts: [
      {
        title: 'Requests a second by connections',
        x: { title: 'connections', scale: 'logarithmic' },
        y: { title: 'requests a second' },
        form: 'line',
        series: [
          {
            name: '1 KiB',
            points: [
              [1, 4200],
              [16, 9100],
              [512, 9800],
            ],
          },
        ],
      },
    ],
  } as const;
  const downtime = {
    measurements: [
      { cell: '12 times', metric: 'requests', unit: 'count', value: 30_120 },
      { cell: '12 times', metric: 'failed', unit: 'count', value: 7 },
    ],
    charts: [
      { title: 'Failed requests, by second', x: { title: 'seconds' }, y: { title: 'failed' }, form: 'scatter', series: [{ name: 'failed', points: [[3, 7]] }] },
      { title: 'Nothing to show', x: { title: 'seconds' }, y: { title: 'failed' }, form: 'line', series: [{ name: 'failed', points: [] }] },
    ],
  } as const;
  const failure = {
    expectation: 'every request is answered with 200',
    expected: 'all 30120',
    actual: '7 were not: 7 x 503',
    attempts: 1,
    pattern: 'one attempt',
    notes: [],
    reproduce: [],
  };
  const checks = [
    check('throughput-http1', 'The gateway answers as many requests as it can', 'routing.http', {
      executions: [execution('throughput-http1', { measured: throughput })],
    }),
    check('zero-downtime-proxy-rollout', 'A gateway answers every request while its proxies are rolled out anew', 'routing.http', {
      verdict: 'fail',
      executions: [execution('zero-downtime-proxy-rollout', { verdict: 'fail', failure, measured: downtime })],
    }),
  ];
  return sampleRun({
    run: { ...sampleRun().run, kind: 'load', command: 'load' },
    verdict: 'fail',
    exitCode: 1,
    errors: [],
    checks,
    counts: countVerdicts(checks),
    journal: { events: 1234, sha256: '5f2c7d1e0b9a84736251403f9e8d7c6b5a493827160f5e4d3c2b1a0998877665' },
  });
}
