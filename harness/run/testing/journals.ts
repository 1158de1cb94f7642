// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import type { PlannedCheck, PlannedExecution, RunEvent } from '../events.ts';

/** Journals as runs write them, of any plan, with executions that interleave; for property tests. */
export const journals: fc.Arbitrary<readonly RunEvent[]> = fc
  .record({
    plan: fc.uniqueArray(plannedChecks(), { selector: (check) => check.id, maxLength: 4 }),
    kind: fc.constantFrom('run' as const, 'prove' as const),
  })
  .chain(({ plan, kind }) => {
    const executions = plan.flatMap((check) => check.executions.map((planned) => executionEvents(check, planned)));
    return fc.tuple(fc.tuple(...executions), fc.array(anyTimeEvents(), { maxLength: 4 })).chain(([series, others]) =>
      fc.infiniteStream(fc.nat()).map((picks): readonly RunEvent[] => {
        const events: readonly RunEvent[] = [started(plan, kind), ...interleave([...series, others], picks), ended];
        return events.map((event, at) => ({ ...event, at }));
      }),
    );
  });

const ended: RunEvent = { type: 'run-ended', verdict: 'pass', exitCode: 0, durationMs: 1, at: 0 };

function plannedChecks(): fc.Arbitrary<PlannedCheck> {
  return fc
    .record({
      id: fc.stringMatching(/^[a-z]{1,4}(-[a-z]{1,4})?$/),
      repeat: fc.integer({ min: 1, max: 3 }),
      sabotage: fc.option(fc.constant('subject-left-out'), { nil: undefined }),
      skipped: fc.boolean(),
      level: fc.constantFrom('MUST' as const, 'SHOULD' as const),
    })
    .map(({ id, repeat, sabotage, skipped, level }) => ({
      id,
      title: id,
      feature: 'any.feature',
      level,
      priority: 'P0',
      file: `suites/${id}.ts`,
      specification: [],
      serial: false,
      installation: 'release',
      executions: skipped ? [] : planExecutions(id, repeat, sabotage),
      ...(skipped ? { skipped: { verdict: 'not-applicable' as const, reason: 'not claimed' } } : {}),
    }));
}

function planExecutions(id: string, repeat: number, sabotage: string | undefined): readonly PlannedExecution[] {
  return Array.from({ length: repeat }, (_, index) => ({
    execution: `${id}#${index + 1}`,
    repetition: index + 1,
    ...(sabotage === undefined ? {} : { sabotage }),
  }));
}

/** What one execution says, in its order. */
function executionEvents(check: PlannedCheck, { execution }: PlannedExecution): fc.Arbitrary<readonly RunEvent[]> {
  const attempts = fc.array(fc.record({ expectation: fc.constantFrom('first', 'second', '__proto__', 'toString'), ok: fc.boolean() }), {
    maxLength: 5,
  });
  const verdicts = fc.constantFrom('pass' as const, 'fail' as const, 'warn' as const, 'could-not-run' as const, 'known-gap' as const);
  return fc
    .tuple(attempts, verdicts)
    .map(([tries, verdict]) => [
      { type: 'check-started', at: 0, check: check.id, execution, namespace: check.id },
      ...tries.map((one, index): RunEvent => ({ type: 'attempt', at: 0, execution, attempt: index + 1, durationMs: 1, ...one })),
      { type: 'evidence', at: 0, execution, title: 'Log', side: 'controller', contentType: 'text/plain', file: 'log' },
      { type: 'check-ended', at: 0, check: check.id, execution, verdict, durationMs: 1, converged: {} },
    ]);
}

function anyTimeEvents(): fc.Arbitrary<RunEvent> {
  return fc.constantFrom<RunEvent>(
    { type: 'environment', at: 0, sections: { machine: { cores: '2' }, __proto__: { odd: 'key' } } },
    { type: 'phase-started', at: 0, phase: 'checks', title: 'Checks' },
    { type: 'phase-ended', at: 0, phase: 'checks', durationMs: 3, outcome: 'ok' },
    { type: 'progress', at: 0, phase: 'checks', message: 'going' },
    { type: 'check-ended', at: 0, check: 'stranger', execution: 'stranger', verdict: 'fail', durationMs: 1, converged: {} },
    { type: 'conformance-test', at: 0, name: 'Any', result: 'passed', durationMs: 1 },
    { type: 'harness-failed', at: 0, code: 'GAUNTLET_PEER', message: 'gone', hint: 'look' },
  );
}

function started(plan: readonly PlannedCheck[], kind: 'run' | 'prove'): RunEvent {
  return {
    type: 'run-started',
    at: 0,
    runId: 'r1',
    kind,
    command: kind,
    gauntlet: { version: '0.1.0' },
    target: { name: 'kgateway', version: '2.2.0', title: 'kgateway 2.2.0', gatewayClass: 'kgateway' },
    architecture: 'amd64',
    seed: 1,
    jobs: 4,
    budgets: {},
    plan,
  };
}

/** Merges the series in an order that the numbers pick, each keeping its own. */
function interleave(series: readonly (readonly RunEvent[])[], picks: Iterator<number>): readonly RunEvent[] {
  const rest = series.map((events) => [...events]).filter((events) => events.length > 0);
  const merged: RunEvent[] = [];
  while (rest.length > 0) {
    const index = (picks.next().value as number) % rest.length;
    const event = rest[index]?.shift();
    if (event) merged.push(event);
    if (rest[index]?.length === 0) rest.splice(index, 1);
  }
  return merged;
}
