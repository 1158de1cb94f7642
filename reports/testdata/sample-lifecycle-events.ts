// SPDX-License-Identifier: Apache-2.0
import type { RunEvent } from '../../harness/run/events.ts';
import { sampleCells } from './sample-lifecycle.ts';
import { sampleRun, sampleStart } from './sample.ts';

/** What a run of the lifecycle matrix says while it plays the cells of the sample. */
export const sampleCellEvents: readonly RunEvent[] = [
  started(),
  ...sampleCells.flatMap((check) => check.executions.flatMap((one, index) => played(check.id, one, sampleStart + 1_000 + index * 12_000))),
];

function started(): RunEvent {
  const { startedAt: _startedAt, endedAt: _endedAt, durationMs: _durationMs, ...run } = sampleRun().run;
  const plan = sampleCells.map(({ verdict: _verdict, flaky: _flaky, executions, ...check }) => ({
    ...check,
    executions: executions.map(({ execution }) => ({ execution })),
  }));
  return { type: 'run-started', at: sampleStart, ...run, kind: 'lifecycle', command: 'lifecycle', plan };
}

function played(check: string, { execution, cell, verdict = 'could-not-run', durationMs = 0, failure, reason }: (typeof sampleCells)[number]['executions'][number], at: number): readonly RunEvent[] {
  return [
    { type: 'check-started', at, check, execution, namespace: 'g-a' },
    ...(cell === undefined ? [] : [{ type: 'cell-ended' as const, at, execution, ...cell }]),
    { type: 'check-ended', at: at + durationMs, check, execution, verdict, durationMs, converged: {}, ...(failure === undefined ? {} : { failure }), ...(reason === undefined ? {} : { reason }) },
  ];
}
