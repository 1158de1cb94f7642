// SPDX-License-Identifier: Apache-2.0
import type { CellResult } from '../../harness/lifecycle/cell-result.ts';
import type { CheckEnded, ConformanceTestEnded, RunEvent, RunStarted } from '../../harness/run/events.ts';
import { formatMs, plural, proofMarks, verdictMarks, verdictsByUrgency, type Mark } from '../format.ts';
import { cellMarks } from '../lifecycle/cells.ts';
import { extent } from '../lifecycle/words.ts';
import { targetTitle } from '../outcome.ts';
import { printableLine, said } from '../printable.ts';
import { fit, lengthOf, pad } from './layout.ts';
import type { LiveExecution, LivePhase, LiveRun } from './live-run.ts';
import { outcomeRoles, type Style } from './style.ts';

const markWidth = 18;
const runningShown = 6;
const windowsPerLine = 16;
const testMarks = { passed: verdictMarks.pass, failed: verdictMarks.fail, skipped: { symbol: '–', label: 'skipped' } };
const testRoles = { passed: 'good', failed: 'bad', skipped: 'quiet' } as const;

/** The lines that an event leaves on the terminal for good; `live` is what was known before it. */
export function lastingLines(event: RunEvent, live: LiveRun, style: Style): readonly string[] {
  switch (event.type) {
    case 'run-started':
      return headLines(event, style);
    case 'phase-ended': {
      const title = live.phases.find((phase) => phase.phase === event.phase)?.title ?? event.phase;
      const mark = event.outcome === 'ok' ? style('good', pad('✓ done', markWidth)) : style('bad', pad('✗ failed', markWidth));
      return [`${mark}${printableLine(title)}  ${style('quiet', formatMs(event.durationMs))}`];
    }
    case 'window-measured':
      return windowLines(event.execution, live, style);
    case 'check-ended':
      return [checkLine(event, live, style)];
    case 'conformance-test':
      // The suite passes over tests of features that are not claimed: dozens of lines of nothing.
      return event.result === 'skipped' ? [] : [testLine(event, style)];
    case 'harness-failed':
      return [`${style('bad', pad('ERROR', markWidth))}${event.code}: ${printableLine(event.message)}`];
    default:
      return [];
  }
}

function headLines({ command, target, architecture, runId, seed, plan }: RunStarted, style: Style): readonly string[] {
  const left = plan.filter((check) => check.skipped).length;
  const checks = plan.length === 0 ? [] : [plural(plan.length - left, 'check') + (left > 0 ? ` and ${left} that will not be run` : '')];
  const facts = [`${targetTitle(target)} / ${architecture}`, `run ${runId}`, `seed ${seed}`, ...checks];
  return [style('strong', printableLine(`gauntlet ${command}`)), style('quiet', facts.map(printableLine).join(', '))];
}

function checkLine(event: CheckEnded, live: LiveRun, style: Style): string {
  const cell = live.running.find(({ execution }) => execution === event.execution)?.cell;
  const { label, symbol } = markOf(event, cell);
  const why = event.proof === 'proven' || event.verdict === 'pass' ? undefined : (event.reason ?? whatWasSeen(event, cell));
  return [
    style(outcomeRoles[event.proof ?? event.verdict], pad(`${symbol} ${label}`, markWidth)),
    printableLine(event.execution),
    `  ${style('quiet', `${formatMs(event.durationMs)}  ${Math.min(live.planned, live.done + 1)}/${live.planned}`)}`,
    why === undefined ? '' : `  ${fit(printableLine(why), 160)}`,
  ].join('');
}

/** A cell of the lifecycle matrix is named by its own verdict, where that is why it failed or passed. */
function markOf({ proof, verdict }: CheckEnded, cell: CellResult | undefined): Mark {
  if (proof !== undefined) return proofMarks[proof];
  const isWhy = cell !== undefined && (cell.verdict === 'held' ? verdict === 'pass' : verdict === 'fail');
  return isWhy ? cellMarks[cell.verdict] : verdictMarks[verdict];
}

function whatWasSeen({ failure }: CheckEnded, cell: CellResult | undefined): string | undefined {
  const came = cell && extent(cell);
  return came ?? (failure && said`${failure.expectation}: got ${failure.actual}`);
}

function testLine({ name, result, durationMs }: ConformanceTestEnded, style: Style): string {
  const { symbol, label } = testMarks[result];
  return `${style(testRoles[result], pad(`${symbol} ${label}`, markWidth))}${printableLine(name)}  ${style('quiet', formatMs(durationMs))}`;
}

/** What goes on right now, for the block at the end of a terminal: no line is longer than `width`. */
export function statusLines(live: LiveRun, now: number, width: number, style: Style): readonly string[] {
  const shown = live.running.slice(0, runningShown);
  const more = live.running.length - shown.length;
  return [
    ...live.phases.map((phase) => phaseLine(phase, live, now, width, style)),
    ...shown.map((one) => runningLine(one, now, width, style)),
    ...(more > 0 ? [style('quiet', fit(`  and ${more} more`, width))] : []),
  ];
}

function phaseLine(phase: LivePhase, live: LiveRun, now: number, width: number, style: Style): string {
  const elapsed = formatMs(Math.max(0, now - phase.startedAt));
  const title = `▸ ${printableLine(phase.title)}`;
  const facts = [elapsed, ...countsOf(phase, live), ...(phase.latest ? [printableLine(phase.latest.message)] : [])].join('  ');
  return `${style('strong', fit(title, width))}${style('quiet', fit(`  ${facts}`, width - lengthOf(title)))}`;
}

function countsOf(phase: LivePhase, live: LiveRun): readonly string[] {
  const { latest } = phase;
  if (latest?.total !== undefined) return [`${latest.done ?? 0}/${latest.total}`, ...failedTests(live)];
  // Checks run in the phase that began last.
  if (live.running.length + live.done === 0 || phase !== live.phases.at(-1)) return [];
  const red = verdictsByUrgency.filter((verdict) => verdict !== 'pass' && live.counts[verdict] !== undefined);
  return [`${live.done}/${live.planned}`, ...red.map((verdict) => `${live.counts[verdict] ?? 0} ${verdictMarks[verdict].label}`)];
}

const failedTests = ({ tests }: LiveRun): readonly string[] => (tests.failed > 0 ? [`${tests.failed} FAIL`] : []);

/** A gate takes minutes: without a terminal it says now and then how far it is. */
function windowLines(execution: string, live: LiveRun, style: Style): readonly string[] {
  const one = live.running.find((running) => running.execution === execution);
  const windows = (one?.windows ?? 0) + 1;
  if (windows % windowsPerLine !== 0) return [];
  return [`${pad('', markWidth)}${printableLine(execution)}  ${style('quiet', `${plural(windows, 'window')} of load`)}`];
}

function runningLine({ execution, startedAt, attempt, actual, windows }: LiveExecution, now: number, width: number, style: Style): string {
  const name = `  ${printableLine(execution)}`;
  const played = windows === undefined ? '' : `, ${plural(windows, 'window')} of load`;
  const doing =
    attempt === 0 || windows !== undefined ? '' : `, attempt ${attempt}${actual === undefined ? '' : `: ${printableLine(actual)}`}`;
  const facts = `  ${formatMs(Math.max(0, now - startedAt))}${played}${doing}`;
  return `${fit(name, width)}${style('quiet', fit(facts, width - lengthOf(name)))}`;
}
