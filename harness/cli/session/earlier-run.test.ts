// SPDX-License-Identifier: Apache-2.0
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { PlannedCheck, RunEvent, RunStarted } from '../../run/events.ts';
import { journalFile, openJournal } from '../../run/journal.ts';
import { createProgram } from '../program.ts';
import { copyEvidence, leftOf, readEarlierRun } from './earlier-run.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gauntlet-earlier-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const cell = (id: string, executions: readonly string[]): PlannedCheck => ({
  id,
  title: id,
  feature: 'authentication.jwt',
  level: 'MUST',
  priority: 'P1',
  file: 'suites/lifecycle/table.ts',
  specification: [],
  serial: false,
  installation: 'release',
  executions: executions.map((execution) => ({ execution })),
});
const plan = [cell('a', ['a#1', 'a#2']), cell('b', ['b']), cell('c', ['c']), cell('d', ['d'])];
const base = { converged: {}, durationMs: 1, at: 2 };
const started: RunStarted = {
  type: 'run-started',
  at: 1,
  runId: 'r',
  kind: 'lifecycle',
  command: 'lifecycle',
  gauntlet: { version: '1' },
  target: { name: 'kgateway', version: '2.2.0', title: 'kgateway', gatewayClass: 'kgateway' },
  architecture: 'amd64',
  seed: 7,
  jobs: 3,
  budgets: {},
  plan,
};
const events: readonly RunEvent[] = [
  started,
  { type: 'check-started', at: 1, check: 'a', execution: 'a#1', namespace: 'n' },
  { type: 'evidence', at: 2, execution: 'a#1', title: 'log', side: 'controller', contentType: 'text/plain', file: 'checks/a-1/log' },
  { type: 'check-ended', check: 'a', execution: 'a#1', verdict: 'fail', ...base },
  { type: 'check-ended', check: 'b', execution: 'b', verdict: 'pass', ...base },
  { type: 'check-ended', check: 'c', execution: 'c', verdict: 'could-not-run', reason: 'the machine was too busy', ...base },
  { type: 'check-started', at: 1, check: 'd', execution: 'd', namespace: 'n' },
];

function killedRun(changes: Partial<RunStarted> = {}): string {
  const directory = mkdtempSync(join(scratch, 'run-'));
  writeFileSync(
    join(directory, journalFile),
    `${[{ ...started, ...changes }, ...events.slice(1)].map((event) => JSON.stringify(event)).join('\n')}\n{"type":"check-en`,
  );
  mkdirSync(join(directory, 'checks', 'a-1'), { recursive: true });
  writeFileSync(join(directory, 'checks', 'a-1', 'log'), 'what the controller said');
  return directory;
}

test('what came to a verdict on the gateway is kept, and everything else is left to do', () => {
  const earlier = readEarlierRun(killedRun());
  expect(earlier).toMatchObject({ kind: 'lifecycle', seed: 7, target: 'kgateway@2.2.0', plan });
  expect(earlier.events).toEqual([events[1], events[2], events[3], events[4]]);
  expect(leftOf(plan, earlier).map(({ id, executions }) => [id, executions.map(({ execution }) => execution)])).toEqual([
    ['a', ['a#2']],
    ['c', ['c']],
    ['d', ['d']],
  ]);
});

test('a run that was killed is gone on with by its checksums, and one that was changed is not', () => {
  const directory = mkdtempSync(join(scratch, 'sealed-'));
  const journal = openJournal(directory);
  for (const event of events) journal.append(event);
  const path = join(directory, journalFile);
  appendFileSync(path, '{"type":"check-en');
  expect(readEarlierRun(directory).done).toEqual(new Set(['a#1', 'b']));
  writeFileSync(path, readFileSync(path, 'utf8').replace('"verdict":"fail"', '"verdict":"pass"'));
  expect(() => readEarlierRun(directory)).toThrow(expect.objectContaining({ code: 'GAUNTLET_CONFIG_INVALID' }));
  journal.close();
});

test('evidence comes along', () => {
  const into = mkdtempSync(join(scratch, 'next-'));
  copyEvidence(readEarlierRun(killedRun()), into);
  expect(readFileSync(join(into, 'checks', 'a-1', 'log'), 'utf8')).toBe('what the controller said');
});

test.each([
  [{ kind: 'run' }, /is no run of the lifecycle matrix/],
  [{ target: { ...started.target, version: '2.1.0' } }, /was of kgateway@2.1.0/],
] satisfies [Partial<RunStarted>, RegExp][])('the matrix does not go on with a run of %j', async (changes, says) => {
  vi.stubEnv('GAUNTLET_OUT', join(scratch, 'out'));
  const resumed = createProgram().parseAsync(['lifecycle', '--resume', killedRun(changes)], { from: 'user' });
  await expect(resumed).rejects.toMatchObject({ code: 'GAUNTLET_USAGE', message: expect.stringMatching(says) as string });
});
