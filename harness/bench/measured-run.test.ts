// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../run/document.ts';
import { measuredRunOf, measuredRunSchema } from './measured-run.ts';

const number = { cell: '1 connection, no body', metric: 'requests', unit: 'per second', value: 4000, direct: 13_000 };
const document = (changes: object = {}): RunDocument =>
  ({
    run: {
      runId: 'r-1',
      startedAt: Date.UTC(2026, 10, 23, 18),
      gauntlet: { version: '0.1.0', commit: 'abc' },
      target: { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0' },
      architecture: 'amd64',
    },
    environment: {
      machine: { processor: 'A', cores: '2', memory: '8 GiB', architecture: 'x64' },
      cluster: { provider: 'native', kubernetes: 'v1.35.4', nodes: '1' },
      tools: { wrk: '4.2.0 (built) 123', etcd: '3.6.6 (cache) 456' },
    },
    finished: true,
    journal: { events: 7, sha256: 'abc' },
    checks: [
      {
        id: 'throughput-http1',
        executions: [
          {
            execution: 'throughput-http1',
            verdict: 'pass',
            measured: { measurements: [number, { ...number, metric: 'p99', value: null }] },
          },
          {
            execution: 'throughput-http1@broken',
            sabotage: 'broken',
            verdict: 'pass',
            measured: { measurements: [{ ...number, value: 1 }] },
          },
        ],
      },
      { id: 'soak', executions: [{ execution: 'soak', verdict: 'could-not-run', measured: { measurements: [number] } }] },
      { id: 'route-propagation', executions: [{ execution: 'route-propagation' }] },
    ],
    ...changes,
  }) as unknown as RunDocument;

describe('what a run measured', () => {
  it('is kept with its set-up, without sabotages, and with what was not measured', () => {
    const kept = measuredRunOf(document());
    expect(kept).toEqual({
      runId: 'r-1',
      measuredAt: '2026-11-23T18:00:00.000Z',
      gauntlet: '0.1.0 abc',
      target: 'kgateway 2.2.0',
      cluster: 'native, Kubernetes v1.35.4, 1 node',
      machine: 'A, 2 cores, 8 GiB, amd64',
      drivers: { wrk: '4.2.0' },
      journal: 'abc',
      scenarios: [
        { id: 'throughput-http1', verdict: 'pass', measurements: [number, { ...number, metric: 'p99', value: null }] },
        { id: 'soak', verdict: 'could-not-run', measurements: [] },
      ],
    });
    expect(measuredRunSchema.parse(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it.each([
    ['did not end', { finished: false }],
    ['was emulated', { environment: { machine: { architecture: 'arm64' } } }],
    ['measured nothing', { checks: [] }],
  ])('is refused if it %s', (_why, changes) => {
    expect(() => measuredRunOf(document(changes))).toThrow(expect.objectContaining({ code: 'GAUNTLET_USAGE' }));
  });
});
