// SPDX-License-Identifier: Apache-2.0
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../run/document.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { trendEntryOf, type TrendEntry } from './entry.ts';
import { numbersCalled, numbersOf, seriesOf } from './series.ts';
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
    expect(() => readTrend(folder)).toThrow(code('GAUNTLET_USAGE'));
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
    const entries = [entry('3'), entry('1'), entry('2', { machine: arm }), entry('4', { machine: { ...arm, processor: 'B' } })];
    const numbers = numbersOf(entries);
    const runs = (some: readonly { readonly points: readonly { readonly runId: string }[] }[]) =>
      some.map(({ points }) => points.map(({ runId }) => runId));
    expect(runs(numbers)).toEqual([['1', '2', '3', '4']]);
    expect(runs(seriesOf(numbers))).toEqual([['1', '3'], ['2'], ['4']]);
  });

  it('never joins numbers of different gateways, whose versions it does', () => {
    const numbers = numbersOf([entry('1'), entry('2', { target: 'kgateway@2.2.1' }), entry('3', { target: 'agentgateway@1.6.0' })]);
    expect(numbers.map(({ gateway, points }) => [gateway, points.length])).toEqual([
      ['kgateway', 2],
      ['agentgateway', 1],
    ]);
  });

  it('is shown by words of its names, and says which word is in none', () => {
    const values = [
      { id: 'throughput: p50', unit: 'ms', value: 1 },
      { id: 'throughput: p99', unit: 'ms', value: 2, low: 1, high: 3 },
    ] as const;
    const numbers = numbersOf([entry('1', { values: [...values] })]);
    const called = (...words: readonly string[]) => numbersCalled(numbers, words).map(({ id }) => id);
    expect(called()).toEqual(['throughput: p50', 'throughput: p99']);
    expect(called('p99')).toEqual(['throughput: p99']);
    expect(numbers[1]?.points).toMatchObject([{ value: 2, low: 1, high: 3 }]);
    expect(() => called('p50', 'p991')).toThrow(
      expect.objectContaining({ code: 'GAUNTLET_USAGE', hint: expect.stringContaining('p99') as string }),
    );
  });

  it('of a Gauntlet that kept no intervals is read', () => {
    const folder = temporaryFolder();
    addToTrend(folder, entry('1'));
    addToTrend(folder, entry('2', { values: [{ id: 'gate: p50', unit: 'ratio', value: 1.01, low: 0.99, high: 1.03 }] }));
    expect(readFileSync(join(folder, trendFile), 'utf8').split('\n')[0]).not.toContain('low');
    expect(readTrend(folder)[1]?.values).toEqual([{ id: 'gate: p50', unit: 'ratio', value: 1.01, low: 0.99, high: 1.03 }]);
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
            { execution: 'gate', gate: { decision: { findings: [{ metric: 'p50', ratio: { value: 1.02, low: 1, high: 1.04 } }] } } },
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
        { id: 'gate: p50', unit: 'ratio', value: 1.02, low: 1, high: 1.04 },
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
