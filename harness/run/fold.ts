// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from '../check/verdict.ts';
import { documentVersion, type CheckResult, type ExecutionResult, type RunDocument } from './document.ts';
import type { CheckEnded, PlannedCheck, RunEvent, RunStarted } from './events.ts';

/** A check's reason until its first execution ended; stays when the run was killed or stopped before that. */
export const notExecuted = 'not executed: the run ended before it';

/** The document of a run that has said nothing yet. */
export function emptyDocument(): RunDocument {
  return {
    documentVersion,
    run: {
      runId: '',
      kind: 'run',
      command: '',
      gauntlet: { version: '' },
      target: { name: '', version: '', title: '', gatewayClass: '' },
      architecture: '',
      seed: 0,
      jobs: 0,
      budgets: {},
      startedAt: 0,
    },
    verdict: 'incomplete',
    finished: false,
    environment: {},
    phases: [],
    checks: [],
    counts: countVerdicts([]),
    errors: [],
  };
}

/**
 * The document after one more event. Pure, and total: an event that fits nothing (of an execution that was never planned) changes nothing,
 * so that every prefix of a journal gives a readable document.
 */
export function fold(document: RunDocument, event: RunEvent): RunDocument {
  switch (event.type) {
    case 'run-started':
      return started(document, event);
    case 'environment':
      return { ...document, environment: mergeSections(document.environment, event.sections) };
    case 'phase-started':
      return { ...document, phases: [...document.phases, { phase: event.phase, title: event.title, startedAt: event.at }] };
    case 'phase-ended':
      return { ...document, phases: endPhase(document.phases, event) };
    case 'progress':
      return document;
    case 'check-started':
      return withExecution(document, event.execution, (execution) => ({ ...notYetEnded(execution), startedAt: event.at }));
    case 'attempt':
      return withExecution(document, event.execution, (execution) => {
        const { expectation } = event;
        const outcome = without(event, 'type', 'execution', 'expectation', 'attempt');
        const earlier = Object.hasOwn(execution.attempts, expectation) ? (execution.attempts[expectation] ?? []) : [];
        return { ...execution, attempts: withEntry(execution.attempts, expectation, [...earlier, outcome]) };
      });
    case 'evidence':
      return withExecution(document, event.execution, (execution) => {
        return { ...execution, evidence: [...execution.evidence, without(event, 'type', 'at', 'execution')] };
      });
    case 'check-ended':
      return withExecution(document, event.execution, (execution) => endExecution(execution, event));
    case 'cell-ended':
      return withExecution(document, event.execution, (execution) => ({
        ...execution,
        cell: { address: event.address, result: event.result },
      }));
    case 'window-measured':
      return withExecution(document, event.execution, (execution) => ({
        ...execution,
        gate: { ...execution.gate, windows: [...(execution.gate?.windows ?? []), event.window] },
      }));
    case 'gate-decided':
      return withExecution(document, event.execution, (execution) => ({
        ...execution,
        gate: { windows: execution.gate?.windows ?? [], decision: event.decision },
      }));
    case 'measured':
      return withExecution(document, event.execution, (execution) => ({
        ...execution,
        measured: { charts: [], ...execution.measured, measurements: [...(execution.measured?.measurements ?? []), ...event.measurements] },
      }));
    case 'charted':
      return withExecution(document, event.execution, (execution) => ({
        ...execution,
        measured: { measurements: [], ...execution.measured, charts: [...(execution.measured?.charts ?? []), event.chart] },
      }));
    case 'conformance-test': {
      const known = document.conformance ?? unreported;
      return { ...document, conformance: { ...known, tests: [...known.tests, without(event, 'type', 'at')] } };
    }
    case 'conformance-ended':
      return { ...document, conformance: { ...without(event, 'type', 'at'), tests: document.conformance?.tests ?? [] } };
    case 'harness-failed':
      return { ...document, errors: [...document.errors, without(event, 'type')] };
    case 'run-ended':
      return {
        ...document,
        run: { ...document.run, endedAt: event.at, durationMs: event.durationMs },
        verdict: event.verdict,
        exitCode: event.exitCode,
        finished: true,
      };
  }
}

/** How many checks ended with each verdict. */
export function countVerdicts(checks: readonly Pick<CheckResult, 'verdict'>[]): Readonly<Record<Verdict, number>> {
  const counts: Record<Verdict, number> = { pass: 0, fail: 0, 'known-gap': 0, warn: 0, 'not-applicable': 0, 'could-not-run': 0 };
  for (const { verdict } of checks) counts[verdict] += 1;
  return counts;
}

/** The upstream suite's part of the document before its report exists. */
const unreported: NonNullable<RunDocument['conformance']> = {
  apiVersion: '',
  report: '',
  reportSha256: '',
  durationMs: 0,
  features: { source: 'inferred', supported: [] },
  profiles: [],
  provisional: [],
  tests: [],
};

function started(document: RunDocument, event: RunStarted): RunDocument {
  const checks = event.plan.map(planned);
  return { ...document, run: { ...without(event, 'type', 'at', 'plan'), startedAt: event.at }, checks, counts: countVerdicts(checks) };
}

function planned({ executions, skipped, ...check }: PlannedCheck): CheckResult {
  return {
    ...check,
    verdict: skipped?.verdict ?? 'could-not-run',
    reason: skipped?.reason ?? notExecuted,
    flaky: false,
    executions: executions.map((execution) => ({ ...execution, converged: {}, attempts: {}, evidence: [] })),
  };
}

/** What is started again begins anew: nothing of what it came to before counts. */
function notYetEnded({ execution, sabotage, repetition }: ExecutionResult): ExecutionResult {
  return {
    execution,
    ...(sabotage === undefined ? {} : { sabotage }),
    ...(repetition === undefined ? {} : { repetition }),
    converged: {},
    attempts: {},
    evidence: [],
  };
}

function endExecution(execution: ExecutionResult, event: CheckEnded): ExecutionResult {
  return { ...execution, ...without(event, 'type', 'at', 'check', 'execution') };
}

function withExecution(document: RunDocument, id: string, change: (execution: ExecutionResult) => ExecutionResult): RunDocument {
  const checks = document.checks.map((check) => {
    const index = check.executions.findIndex((one) => one.execution === id);
    const execution = check.executions[index];
    return execution ? judge({ ...check, executions: check.executions.with(index, change(execution)) }) : check;
  });
  return { ...document, checks, counts: countVerdicts(checks) };
}

/** From the best to the worst; a check is as good as its worst execution. */
const severity: readonly Verdict[] = ['not-applicable', 'pass', 'warn', 'known-gap', 'could-not-run', 'fail'];

/**
 * The check with the verdict that its executions give. An execution under a sabotage counts as `pass` when the sabotage was noticed.
 * Executions that were planned and did not end leave the check as `could-not-run`, unless one failed.
 */
function judge(check: CheckResult): CheckResult {
  const rest = without(check, 'reason');
  const ended = check.executions.filter((execution) => execution.verdict !== undefined);
  const worst = ended.toSorted((a, b) => rank(b) - rank(a))[0];
  const flaky = isFlaky(ended);
  if (!worst?.verdict || (ended.length < check.executions.length && worst.verdict !== 'fail')) {
    return { ...rest, verdict: 'could-not-run', reason: notExecuted, flaky };
  }
  return { ...rest, verdict: worst.verdict, flaky, ...(worst.reason === undefined ? {} : { reason: worst.reason }) };
}

const rank = (execution: ExecutionResult): number => (execution.verdict ? severity.indexOf(execution.verdict) : -1);

/** Whether repetitions of the same thing ended differently: some passed, some did not. What could not run says nothing about that. */
function isFlaky(ended: readonly ExecutionResult[]): boolean {
  const groups = Object.values(Object.groupBy(ended, (execution) => execution.sabotage ?? ''));
  return groups.some((group = []) => {
    const verdicts = new Set(group.map((execution) => execution.verdict));
    return verdicts.has('pass') && (verdicts.has('fail') || verdicts.has('warn') || verdicts.has('known-gap'));
  });
}

function endPhase(
  phases: RunDocument['phases'],
  event: { readonly phase: string; readonly durationMs: number; readonly outcome: 'ok' | 'failed' },
): RunDocument['phases'] {
  const index = phases.findLastIndex((one) => one.phase === event.phase && one.outcome === undefined);
  const open = phases[index];
  return open ? phases.with(index, { ...open, durationMs: event.durationMs, outcome: event.outcome }) : phases;
}

function mergeSections(known: RunDocument['environment'], added: RunDocument['environment']): RunDocument['environment'] {
  let merged = known;
  for (const [name, values] of Object.entries(added)) {
    merged = withEntry(merged, name, { ...(Object.hasOwn(merged, name) ? merged[name] : {}), ...values });
  }
  return merged;
}

/** A copy without some of its fields. */
function without<T extends object, Key extends keyof T>(value: T, ...keys: readonly Key[]): Omit<T, Key> {
  const copy = { ...value };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}

/** A copy with one entry set, in the order of first appearance; safe for any key, also `__proto__`. */
function withEntry<T>(entries: Readonly<Record<string, T>>, key: string, value: T): Readonly<Record<string, T>> {
  const copy = new Map(Object.entries(entries));
  return Object.fromEntries(copy.set(key, value));
}
