// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../run/document.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { trendEntryOf, type TrendEntry } from './entry.ts';
import { seriesOf } from './series.ts';
import { addToTrend, readTrend, trendFile } from './store.ts';

const entry = (runId: string, changes: Partial<TrendEntry> = {}): TrendEntry => ({
  ...{ runId, startedAt: Number(runId), gauntlet: '0.1.0', target: 'kgateway@2.2.0', images: { proxy: 'sha256:1' } },
  machine: { processor: 'A', cores: '2', architecture: 'amd64' },
  values: [{ id: 'throughput: requests', unit: 'per second', value: 100 }],
  ...changes,
});
const code = (name: string): unknown => expect.objectContaining({ code: name });

describe('a trend', () => {
  it('holds what was added, in order, each run once', () => {
    const folder = temporaryFolder();
    expect(readTrend(folder)).toEqual([]);
    for (const run of ['1', '2', '3']) addToTrend(folder, Object.fromEntries(Object.entries(entry(run)).toReversed()) as TrendEntry);
    expect(readTrend(folder)).toEqual(['1', '2', '3'].map((run) => entry(run)));
    expect(() => addToTrend(folder, entry('2'))).toThrow(code('GAUNTLET_USAGE'));
  });

  it('is refused after any byte was changed, and after a line was moved or taken out', () => {
    const folder = temporaryFolder();
    const file = join(folder, trendFile);
    for (const run of ['1', '2', '3']) addToTrend(folder, entry(run));
    const written = readFileSync(file);
    const lines = written.toString().trimEnd().split('\n');
    const wrong = [
      ...Array.from(written.keys(), (at) =>
        Buffer.concat([written.subarray(0, at), Buffer.of((written[at] ?? 0) ^ 1), written.subarray(at + 1)]),
      ),
      [lines[1], lines[0], lines[2]].join('\n') + '\n',
      [lines[0], lines[2]].join('\n') + '\n',
      written.subarray(0, -1),
    ];
    for (const content of wrong) {
      writeFileSync(file, content);
      expect(() => readTrend(folder)).toThrow(code('GAUNTLET_CONFIG_INVALID'));
    }
  });

  it('never joins numbers of different machines or architectures', () => {
    const arm = { processor: 'A', cores: '2', architecture: 'arm64' };
    const series = seriesOf([entry('3'), entry('1'), entry('2', { machine: arm }), entry('4', { machine: { ...arm, processor: 'B' } })]);
    expect(series.map(({ points }) => points.map(({ runId }) => runId))).toEqual([['1', '3'], ['2'], ['4']]);
  });
});

describe('a run', () => {
  const document = (changes: object = {}): RunDocument =>
    ({
      run: {
        runId: 'r',
        startedAt: 1,
        gauntlet: { version: '0.1.0', commit: 'abc' },
        target: { name: 'kgateway', version: '2.2.0' },
        architecture: 'amd64',
      },
      environment: { machine: { processor: 'A', cores: '2', architecture: 'x64' }, images: { proxy: 'sha256:1' } },
      finished: true,
      checks: [
        {
          executions: [
            {
              execution: 'throughput',
              measured: {
                measurements: [
                  { cell: '1', metric: 'requests', unit: 'per second', value: 100 },
                  { cell: '1', metric: 'p99', unit: 'ms', value: null },
                  { cell: '2', metric: 'requests', unit: 'per second', value: 900, invalid: 'the driver was the limit' },
                ],
              },
            },
            {
              execution: 'throughput@broken',
              sabotage: 'broken',
              measured: { measurements: [{ cell: '1', metric: 'x', unit: 'ms', value: 1 }] },
            },
            { execution: 'gate', gate: { decision: { findings: [{ metric: 'p50', ratio: { value: 1.02 } }] } } },
          ],
        },
      ],
      ...changes,
    }) as unknown as RunDocument;

  it('gives what says something of the gateway, and no more', () => {
    expect(trendEntryOf(document())).toMatchObject({
      ...{ gauntlet: '0.1.0 abc', target: 'kgateway@2.2.0', machine: { architecture: 'amd64' } },
      values: [
        { id: 'throughput: 1: requests', unit: 'per second', value: 100 },
        { id: 'gate: p50', unit: 'ratio', value: 1.02 },
      ],
    });
  });

  it('that was emulated, did not end, or measured nothing is refused', () => {
    const { run } = document();
    const emulated = { run: { ...run, architecture: 'arm64' } };
    for (const changes of [emulated, { finished: false }, { environment: {} }, { checks: [] }])
      expect(() => trendEntryOf(document(changes))).toThrow(code('GAUNTLET_USAGE'));
  });
});
