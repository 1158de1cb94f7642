// SPDX-License-Identifier: Apache-2.0
import type { Verdict } from '../../harness/check/verdict.ts';
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import type { ProgressMade, RunEvent } from '../../harness/run/events.ts';

/** What a person who waits wants to know, as far as the events have told. */
export interface LiveRun {
  readonly startedAt: number;
  /** Phases that began and have not ended, in order. */
  readonly phases: readonly LivePhase[];
  /** Executions that began and have not ended, in order. */
  readonly running: readonly LiveExecution[];
  /** Executions that ended. */
  readonly done: number;
  /** Executions planned. */
  readonly planned: number;
  /** How many executions ended with each verdict. */
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  /** Tests of the upstream suite that ended. */
  readonly tests: { readonly passed: number; readonly failed: number; readonly skipped: number };
}

/** A phase that goes on. */
export interface LivePhase {
  readonly phase: string;
  readonly title: string;
  readonly startedAt: number;
  readonly latest?: Pick<ProgressMade, 'message' | 'done' | 'total'>;
}

/** An execution that goes on. */
export interface LiveExecution {
  readonly execution: string;
  readonly startedAt: number;
  readonly attempt: number;
  /** What the last attempt saw; absent when it held. */
  readonly actual?: string;
  /** Windows of a gate that are over. */
  readonly windows?: number;
  /** What came of it, if it plays a cell of the lifecycle matrix and is nearly over. */
  readonly cell?: CellResult;
}

/** Before the first event. */
export const notStarted: LiveRun = {
  startedAt: 0,
  phases: [],
  running: [],
  done: 0,
  planned: 0,
  counts: {},
  tests: { passed: 0, failed: 0, skipped: 0 },
};

/** What is known after one more event. */
export function advance(live: LiveRun, event: RunEvent): LiveRun {
  switch (event.type) {
    case 'run-started':
      return {
        ...notStarted,
        startedAt: event.at,
        planned: event.plan.reduce((sum, check) => sum + (check.skipped ? 0 : check.executions.length), 0),
      };
    case 'phase-started':
      return { ...live, phases: [...live.phases, { phase: event.phase, title: event.title, startedAt: event.at }] };
    case 'progress': {
      const { message, done, total } = event;
      const latest = { message, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) };
      return { ...live, phases: live.phases.map((phase) => (phase.phase === event.phase ? { ...phase, latest } : phase)) };
    }
    case 'phase-ended':
      return { ...live, phases: live.phases.filter((phase) => phase.phase !== event.phase) };
    case 'check-started':
      return { ...live, running: [...live.running, { execution: event.execution, startedAt: event.at, attempt: 0 }] };
    case 'attempt':
      return {
        ...live,
        running: live.running.map((one) =>
          one.execution === event.execution ? attempted(one, event.attempt, event.ok ? undefined : event.actual) : one,
        ),
      };
    case 'cell-ended':
      return { ...live, running: live.running.map((one) => (one.execution === event.execution ? { ...one, cell: event.result } : one)) };
    case 'window-measured':
      return {
        ...live,
        running: live.running.map((one) => (one.execution === event.execution ? { ...one, windows: (one.windows ?? 0) + 1 } : one)),
      };
    case 'check-ended':
      return {
        ...live,
        running: live.running.filter((one) => one.execution !== event.execution),
        // What is executed again counts once.
        done: Math.min(live.planned, live.done + 1),
        counts: { ...live.counts, [event.verdict]: (live.counts[event.verdict] ?? 0) + 1 },
      };
    case 'conformance-test':
      return { ...live, tests: { ...live.tests, [event.result]: live.tests[event.result] + 1 } };
    default:
      return live;
  }
}

function attempted({ execution, startedAt, windows, cell }: LiveExecution, attempt: number, actual: string | undefined): LiveExecution {
  return {
    execution,
    startedAt,
    attempt,
    ...(actual === undefined ? {} : { actual }),
    ...(windows === undefined ? {} : { windows }),
    ...(cell === undefined ? {} : { cell }),
  };
}
