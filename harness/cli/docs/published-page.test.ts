// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedNumbers } from '../../../scenarios/published.ts';
import { loadChecks } from '../../../scenarios/table.ts';
import type { Measurement } from '../../bench/measurement.ts';
import type { MeasuredRun } from '../../bench/measured-run.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { repositoryRoot } from '../paths.ts';
import { keepMeasuredRun, readMeasuredRuns } from './measured-runs.ts';
import { publishedPage } from './published-page.ts';

const rate = (changes: Partial<Measurement>): Measurement => ({
  cell: '1 connection, no body',
  metric: 'requests',
  unit: 'per second',
  value: 4000,
  direct: 16_000,
  ...changes,
});
const run = (scenarios: MeasuredRun['scenarios'], changes: Partial<MeasuredRun> = {}): MeasuredRun => ({
  runId: 'r-1',
  measuredAt: '2026-11-23T18:00:00.000Z',
  gauntlet: '0.1.0 abc',
  target: 'kgateway 2.2.0',
  cluster: 'native, Kubernetes v1.35.4, 1 node',
  machine: 'A, 2 cores, 8 GiB, amd64',
  drivers: { wrk: '4.2.0' },
  scenarios,
  ...changes,
});
/** Cells of the first row of a page that begins so. */
const row = (page: string, begins: string): readonly string[] =>
  (page.split('\n').find((line) => line.startsWith(`| ${begins}`)) ?? '').split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));

describe('the page of published numbers', () => {
  it('says for each that nothing was measured, where nothing was', () => {
    const page = publishedPage([]);
    expect(page).toContain('No run of ours is kept here yet');
    expect(page.match(/ \| not measured \| /g)).toHaveLength(publishedNumbers.length);
  });

  it('shows ours beside theirs, with the share of what there was without a gateway, and never a ratio of ours to theirs', () => {
    const page = publishedPage([run([{ id: 'throughput-http1', verdict: 'pass', measurements: [rate({})] }])]);
    const [what, ours, theirs] = row(page, '1 connection, no body: requests');
    expect([what, ours, theirs]).toEqual([
      '1 connection, no body: requests',
      '4,000/s, 0.25 of 16,000/s without it',
      'kgateway 36,794/s, Envoy Gateway 34,491/s, Istio 29,080/s, nginx 1,729/s',
    ]);
    expect(page).toContain('agentgateway 573/s, 0.10 of 5,656/s without it');
    expect(page).toContain('| **ours**, r-1, 2026-11-23 | A, 2 cores, 8 GiB, amd64');
  });

  it('says what was not measured, what does not count, and what did not end well', () => {
    const measurements = [
      rate({ value: null, direct: 16_000 }),
      rate({ cell: '16 connections, no body', invalid: 'the driver used 99 % of its processor' }),
      rate({ cell: '512 connections, no body', direct: null }),
      { cell: '12 times', metric: 'failed', unit: 'count', value: 7 } as const,
    ];
    const page = publishedPage([
      run([
        { id: 'throughput-http1', verdict: 'pass', measurements },
        { id: 'zero-downtime-route-change', verdict: 'fail', measurements },
        { id: 'route-propagation', verdict: 'could-not-run', measurements: [] },
      ]),
    ]);
    expect(row(page, '1 connection, no body: requests')[1]).toBe('not measured');
    expect(row(page, '16 connections, no body: requests')[1]).toBe('~~4,000/s~~ \\*');
    expect(page).toContain('\\* says nothing of the gateway: the driver used 99 % of its processor');
    expect(row(page, '512 connections, no body: requests')[1]).toBe('4,000/s');
    expect(row(page, 'failed')[1]).toBe('7 (12 times) (the scenario ended as fail)');
    expect(row(page, 'slowest of 20')[1]).toBe('could not run');
    expect(row(page, '1000 routes: all attached')[1]).toBe('not measured');
  });

  it('has a column for each run, and text of a file as text', () => {
    const page = publishedPage([run([]), run([], { runId: 'r-2', machine: '| <b>' })]);
    expect(page).toContain('Ours, r-1 | Ours, r-2');
    expect(page).toContain('\\| &lt;b>');
  });
});

describe('published numbers', () => {
  it('stand beside scenarios that there are', () => {
    const ids = new Set(loadChecks.map(({ id }) => id));
    expect(publishedNumbers.filter(({ scenario }) => !ids.has(scenario))).toEqual([]);
  });

  it('stand beside cells and metrics that the runs in docs/data have', () => {
    for (const { scenarios } of readMeasuredRuns(join(repositoryRoot, 'docs', 'data'))) {
      for (const { scenario, cell, metric } of publishedNumbers) {
        const played = scenarios.find(({ id, verdict }) => id === scenario && verdict === 'pass');
        if (played === undefined) continue;
        const found = played.measurements.some((one) => one.metric === metric && (cell === undefined || one.cell === cell));
        expect(found, `${scenario}: ${cell ?? ''}: ${metric}`).toBe(true);
      }
    }
  });
});

describe('runs in a folder', () => {
  it('are kept and read, each in a file of its own', () => {
    const folder = join(temporaryFolder(), 'data');
    expect(readMeasuredRuns(folder)).toEqual([]);
    const [one, two] = [run([{ id: 'soak', verdict: 'pass', measurements: [rate({ value: null })] }]), run([], { runId: 'r-2' })];
    expect([keepMeasuredRun(folder, two), keepMeasuredRun(folder, one)]).toEqual([
      join(folder, 'measured-r-2.json'),
      join(folder, 'measured-r-1.json'),
    ]);
    expect(readMeasuredRuns(folder)).toEqual([one, two]);
  });

  it('that are none are refused', () => {
    const folder = temporaryFolder();
    for (const text of ['', '{', '{"runId":"r"}']) {
      writeFileSync(join(folder, 'measured-r.json'), text);
      expect(() => readMeasuredRuns(folder)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }));
    }
  });
});
