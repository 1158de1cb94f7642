// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckEnded, PlannedCheck, RunEvent, RunStarted } from './events.ts';
import { countVerdicts, emptyDocument, fold, notExecuted } from './fold.ts';
import { journals } from './testing/journals.ts';
import { runOutcome } from './run-verdict.ts';

const check = (id: string, executions: readonly string[], more: Partial<PlannedCheck> = {}): PlannedCheck => ({
  id,
  title: id,
  feature: 'routing.http',
  level: 'MUST',
  priority: 'P0',
  file: `suites/${id}.ts`,
  specification: [],
  serial: false,
  installation: 'release',
  executions: executions.map((execution) => ({
    execution,
    ...(execution.includes('@') ? { sabotage: execution.split('@')[1] ?? '' } : {}),
  })),
  ...more,
});

const started = (plan: readonly PlannedCheck[], kind: RunStarted['kind'] = 'run'): RunEvent => ({
  type: 'run-started',
  at: 1000,
  runId: 'r1',
  kind,
  command: kind,
  gauntlet: { version: '0.1.0' },
  target: { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0', gatewayClass: 'kgateway' },
  architecture: 'amd64',
  seed: 7,
  jobs: 2,
  budgets: {},
  plan,
});

const ended = (execution: string, verdict: CheckEnded['verdict'], more: Partial<CheckEnded> = {}): RunEvent => ({
  type: 'check-ended',
  at: 2000,
  check: execution.split(/[@#]/)[0] ?? execution,
  execution,
  verdict,
  durationMs: 10,
  converged: {},
  ...more,
});

const foldAll = (...events: readonly RunEvent[]) => events.reduce(fold, emptyDocument());

test('every prefix of a journal folds to a readable document, without changing the one before it', () => {
  fc.assert(
    fc.property(journals, (events) => {
      let document = emptyDocument();
      for (const event of events) {
        const before = structuredClone(document);
        const next = fold(document, event);
        expect(document).toEqual(before);
        document = next;
        expect(document.counts).toEqual(countVerdicts(document.checks));
        expect(document.finished).toBe(event.type === 'run-ended');
      }
    }),
  );
});

test('the order in which executions interleave does not change what they come to', () => {
  fc.assert(
    fc.property(journals, (events) => {
      const grouped = events.toSorted((a, b) => key(a).localeCompare(key(b)));
      const checks = (journal: readonly RunEvent[]) => foldAll(events[0] as RunEvent, ...journal.slice(0)).checks;
      const body = (journal: readonly RunEvent[]) => journal.filter((event) => 'execution' in event);
      expect(checks(body(grouped))).toEqual(checks(body(events)));
    }),
  );
  function key(event: RunEvent): string {
    return 'execution' in event ? event.execution : '';
  }
});

test('what is started again begins anew', () => {
  const document = foldAll(
    started([check('a', ['a'])]),
    ended('a', 'could-not-run', { reason: 'GAUNTLET_MACHINE: too busy' }),
    { type: 'check-started', at: 3000, check: 'a', execution: 'a', namespace: 'n' },
    ended('a', 'pass'),
  );
  expect(document.checks[0]).toMatchObject({ verdict: 'pass', flaky: false });
  expect(document.checks[0]?.reason).toBeUndefined();
  expect(document.counts).toMatchObject({ pass: 1, 'could-not-run': 0 });
});

test('a check is as good as its worst execution', () => {
  const document = foldAll(
    started([check('a', ['a#1', 'a#2'])]),
    ended('a#1', 'pass'),
    ended('a#2', 'could-not-run', { reason: 'no peer' }),
  );
  expect(document.checks[0]).toMatchObject({ verdict: 'could-not-run', reason: 'no peer', flaky: false });
});

test('repetitions that disagree fail the check and mark it as flaky', () => {
  const document = foldAll(started([check('a', ['a#1', 'a#2'])]), ended('a#1', 'fail'), ended('a#2', 'pass'));
  expect(document.checks[0]).toMatchObject({ verdict: 'fail', flaky: true });
  expect(document.counts.fail).toBe(1);
});

test('an execution and its sabotage are not repetitions of each other', () => {
  const document = foldAll(
    started([check('a', ['a', 'a@left-out'])]),
    ended('a', 'pass'),
    ended('a@left-out', 'fail', { proof: 'survived', reason: 'green' }),
  );
  expect(document.checks[0]).toMatchObject({ verdict: 'fail', reason: 'green', flaky: false });
});

test('a check of which a planned execution never ended could not run, and says so', () => {
  const document = foldAll(started([check('a', ['a', 'a@left-out'])]), ended('a', 'pass'));
  expect(document.checks[0]).toMatchObject({ verdict: 'could-not-run', reason: notExecuted });
});

test('a check that was not started is reported as not executed', () => {
  expect(foldAll(started([check('a', ['a'])])).checks[0]).toMatchObject({ verdict: 'could-not-run', reason: notExecuted });
});

test('attempts are kept by expectation and in order, whatever the expectation is called', () => {
  const attempt = (expectation: string, ok: boolean): RunEvent => ({
    type: 'attempt',
    at: 5,
    execution: 'a',
    expectation,
    attempt: 1,
    ok,
    durationMs: 2,
  });
  const document = foldAll(started([check('a', ['a'])]), attempt('__proto__', false), attempt('b', true), attempt('__proto__', true));
  const attempts = document.checks[0]?.executions[0]?.attempts ?? {};
  expect(Object.keys(attempts)).toEqual(['__proto__', 'b']);
  expect(Object.entries(attempts)[0]?.[1].map((one) => one.ok)).toEqual([false, true]);
});

test('sections of the environment are merged as they become known', () => {
  const document = foldAll(
    { type: 'environment', at: 1, sections: { tools: { helm: '3' }, machine: { cores: '2' } } },
    { type: 'environment', at: 2, sections: { tools: { etcd: '3.6' } } },
  );
  expect(document.environment).toEqual({ tools: { helm: '3', etcd: '3.6' }, machine: { cores: '2' } });
});

test('a phase that begins twice is ended from the last on', () => {
  const begin: RunEvent = { type: 'phase-started', at: 1, phase: 'tools', title: 'Tools' };
  const document = foldAll(begin, { type: 'phase-ended', at: 2, phase: 'tools', durationMs: 1, outcome: 'failed' }, { ...begin, at: 3 });
  expect(document.phases).toEqual([
    { phase: 'tools', title: 'Tools', startedAt: 1, durationMs: 1, outcome: 'failed' },
    { phase: 'tools', title: 'Tools', startedAt: 3 },
  ]);
});

test('upstream tests that ended before the report are kept with it', () => {
  const report: RunEvent = {
    type: 'conformance-ended',
    at: 9,
    apiVersion: 'v1.4.1',
    report: 'report.yaml',
    reportSha256: 'ab',
    durationMs: 100,
    features: { source: 'inferred', supported: [] },
    profiles: [],
    provisional: [],
  };
  const document = foldAll(
    started([], 'conformance'),
    { type: 'conformance-test', at: 3, name: 'A', result: 'passed', durationMs: 1 },
    report,
  );
  expect(document.conformance).toMatchObject({ report: 'report.yaml', tests: [{ name: 'A', result: 'passed' }] });
  expect(runOutcome(document)).toEqual({ verdict: 'pass', exitCode: 0 });
});

test.each([
  ['a failed check', [ended('a', 'fail'), ended('b', 'pass')], 'fail', 1],
  ['a warning', [ended('a', 'warn'), ended('b', 'pass')], 'pass', 0],
  ['a known gap', [ended('a', 'known-gap'), ended('b', 'pass')], 'pass', 0],
  ['a check that could not run', [ended('a', 'could-not-run'), ended('b', 'pass')], 'incomplete', 3],
  ['a failure beside one that could not run', [ended('a', 'could-not-run'), ended('b', 'fail')], 'fail', 1],
  ['a check that was not executed', [ended('b', 'pass')], 'incomplete', 3],
] as const)('%s decides the run', (_name, events, verdict, exitCode) => {
  expect(runOutcome(foldAll(started([check('a', ['a']), check('b', ['b'])]), ...events))).toEqual({ verdict, exitCode });
});

test('a run that executed nothing is incomplete', () => {
  const skipped = check('a', [], { skipped: { verdict: 'not-applicable', reason: 'not claimed' } });
  expect(runOutcome(foldAll(started([skipped])))).toEqual({ verdict: 'incomplete', exitCode: 3 });
  expect(runOutcome(foldAll(started([], 'conformance')))).toEqual({ verdict: 'incomplete', exitCode: 3 });
});

test('a failure of the harness decides the exit code, and never turns a failure into less', () => {
  const broken: RunEvent = { type: 'harness-failed', at: 3, code: 'GAUNTLET_PEER', message: 'gone', hint: 'look' };
  const refused: RunEvent = { ...broken, code: 'GAUNTLET_CHART_REFUSED' };
  expect(runOutcome(foldAll(started([check('a', ['a'])]), ended('a', 'pass'), broken))).toEqual({ verdict: 'incomplete', exitCode: 4 });
  expect(runOutcome(foldAll(started([check('a', ['a'])]), ended('a', 'fail'), broken))).toEqual({ verdict: 'fail', exitCode: 4 });
  expect(runOutcome(foldAll(started([check('a', ['a'])]), refused))).toEqual({ verdict: 'incomplete', exitCode: 2 });
});
