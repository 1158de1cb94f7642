// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { renderers } from '../../reports/index.ts';
import { windows } from '../bench/testing/windows.ts';
import { decide } from '../bench/gate.ts';
import { documentFile, journalFile } from '../run/journal.ts';
import type { PlannedCheck, RunEvent } from '../run/events.ts';
import { seededRandom } from '../run/seed.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createProgram } from './program.ts';
import { writeReports } from './session/output.ts';
import { Recorder } from './session/recorder.ts';

const played = windows({ pairs: 24, spread: 0.01, random: seededRandom(5) });
const log = 'GET / 503\n';
const evidence = {
  execution: 'throughput',
  file: 'checks/throughput/log.txt',
  contentType: 'text/plain',
  side: 'client',
  title: 'Log',
} as const;
const planned = (id: string): PlannedCheck => ({
  id,
  title: `${id} holds`,
  feature: 'routing.http',
  level: 'MUST',
  priority: 'P0',
  file: `scenarios/${id}.ts`,
  specification: [],
  serial: true,
  installation: 'release',
  executions: [{ execution: id }],
});

/** A run with numbers, windows of a gate, evidence, and a number that was not measured but is none either. */
const events: readonly RunEvent[] = [
  {
    type: 'run-started',
    at: 1_764_000_000_000,
    runId: 'r-1',
    kind: 'load',
    command: 'load',
    gauntlet: { version: '0.1.0', commit: 'abc' },
    target: { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0', gatewayClass: 'kgateway' },
    architecture: 'amd64',
    seed: 7,
    jobs: 1,
    budgets: { check: 1000 },
    plan: [planned('throughput'), planned('gate')],
  },
  { type: 'environment', at: 2, sections: { machine: { processor: 'A', cores: '2', architecture: 'x64' } } },
  { type: 'phase-started', at: 3, phase: 'checks', title: 'Checks' },
  { type: 'check-started', at: 4, check: 'throughput', execution: 'throughput', namespace: 'n' },
  {
    type: 'measured',
    at: 5,
    execution: 'throughput',
    measurements: [
      { cell: '1 connection, no body', metric: 'requests', unit: 'per second', value: 4000.123, direct: 13_000 },
      { cell: '1 connection, no body', metric: 'p99', unit: 'ms', value: -0, direct: Number.NaN },
      { cell: '16 connections, no body', metric: 'requests', unit: 'per second', value: 20_000, direct: null },
      { cell: '16 connections, no body', metric: 'p99', unit: 'ms', value: 4.2, direct: null },
    ],
  },
  { ...evidence, type: 'evidence', at: 6, sha256: createHash('sha256').update(log).digest('hex') },
  { type: 'check-ended', at: 7, check: 'throughput', execution: 'throughput', verdict: 'warn', durationMs: 3, converged: {} },
  { type: 'check-started', at: 8, check: 'gate', execution: 'gate', namespace: 'n' },
  ...played.map((window): RunEvent => ({ type: 'window-measured', at: 9, execution: 'gate', window })),
  { type: 'gate-decided', at: 10, execution: 'gate', decision: decide(played) },
  { type: 'check-ended', at: 11, check: 'gate', execution: 'gate', verdict: 'pass', durationMs: 3, converged: {} },
  { type: 'phase-ended', at: 12, phase: 'checks', durationMs: 9, outcome: 'ok' },
  { type: 'run-ended', at: 13, verdict: 'pass', exitCode: 0, durationMs: 12 },
];

/** Plays the run as a session does, with its reports written at the end. */
async function playedRun(some: readonly RunEvent[] = events): Promise<string> {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'checks', 'throughput'), { recursive: true });
  writeFileSync(join(directory, evidence.file), log);
  using recorder = new Recorder(directory, () => undefined);
  for (const event of some) recorder.record(event);
  await writeReports(recorder.document, directory);
  return directory;
}

const reportsIn = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(renderers.map(({ file }) => [file, readFileSync(join(directory, file), 'utf8')]));

const gauntlet = (...args: readonly string[]) => createProgram().parseAsync(args, { from: 'user' });

const said: string[] = [];
beforeEach(() => {
  said.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (said.push(String(text)), true));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => void vi.restoreAllMocks());
});

describe('gauntlet report', () => {
  it('rebuilds every report byte for byte from the journal, without any other file of the run', async () => {
    const directory = await playedRun();
    const before = reportsIn(directory);
    expect(before['report.html']).toContain('20,000/s');
    for (const { file } of renderers) rmSync(join(directory, file));
    rmSync(join(directory, documentFile));
    vi.setSystemTime(0);
    onTestFinished(() => void vi.useRealTimers());
    await gauntlet('report', directory);
    expect(reportsIn(directory)).toEqual(before);
    expect(said).toEqual([]);
  });

  it('rebuilds that of a run that was killed', async () => {
    const directory = await playedRun(events.slice(0, -4));
    const before = reportsIn(directory);
    appendFileSync(join(directory, journalFile), '{"type":"check-en');
    await gauntlet('report', directory);
    expect(reportsIn(directory)).toEqual(before);
  });

  it.each([
    ['a window of the gate', journalFile, /"requests":(\d)/],
    ['a number that was measured', journalFile, /"value":2(\d)/],
    ['the document', documentFile, /"seed":(\d)/],
    ['evidence', evidence.file, /50(\d)/],
  ])('refuses a run of which a byte of %s was changed, and leaves its reports alone', async (_what, file, byte) => {
    const directory = await playedRun();
    const before = reportsIn(directory);
    const path = join(directory, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replace(byte, (found, digit: string) => `${found.slice(0, -1)}${(Number(digit) + 1) % 10}`);
    expect(changed).not.toBe(text);
    writeFileSync(path, changed);
    await expect(gauntlet('report', directory)).rejects.toMatchObject({
      code: 'GAUNTLET_CONFIG_INVALID',
      exitCode: 2,
      message: expect.stringContaining(file) as string,
    });
    expect(reportsIn(directory)).toEqual(before);
  });

  it('says of a run of an older Gauntlet that it has no checksums, and reads it', async () => {
    const directory = temporaryFolder();
    writeFileSync(join(directory, journalFile), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await gauntlet('report', directory);
    expect(said.join('')).toContain('r-1 has no checksums');
    expect(reportsIn(directory)['report.html']).toContain('20,000/s');
  });
});

it('gauntlet bench replay refuses windows that were changed', async () => {
  const directory = await playedRun();
  const path = join(directory, journalFile);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"kind":"compare"', '"kind":"noise"'));
  await expect(gauntlet('bench', 'replay', directory)).rejects.toMatchObject({ code: 'GAUNTLET_CONFIG_INVALID' });
});
