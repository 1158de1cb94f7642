// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import type { Failure } from '../../harness/run/events.ts';
import { formatMs, plural, verdictMarks } from '../format.ts';
import { decisiveExecution, evidenceFolder, runAgain } from '../outcome.ts';
import { printableLine } from '../printable.ts';
import type { Canvas } from './canvas.ts';
import { fit, lengthOf, pad, wrap } from './layout.ts';
import { outcomeRoles, type Style } from './style.ts';

const indent = '     ';
const labelWidth = 10;
const noteLinesShown = 6;
const commandsShown = 4;

/** A check that did not hold, on at most 25 lines: always in the same order, the rest is in the report. */
export function failureLines(document: RunDocument, check: CheckResult, canvas: Canvas): readonly string[] {
  const execution = decisiveExecution(check);
  return [
    headLine(document, check, execution, canvas),
    ...titleLines(check, canvas),
    ...whyLines(check, execution, canvas),
    ...nextLines(document, check, execution, canvas),
  ];
}

function headLine(document: RunDocument, check: CheckResult, execution: ExecutionResult | undefined, { style, width }: Canvas): string {
  const label = verdictMarks[check.verdict].label;
  const { target, architecture } = document.run;
  const attempts = execution?.failure ? `, ${plural(execution.failure.attempts, 'attempt')}` : '';
  const facts = `${printableLine(`${target.name} ${target.version} / ${architecture}`)}   ${formatMs(execution?.durationMs)}${attempts}`;
  const id = printableLine(check.id);
  const flaky = check.flaky ? ` ${style('doubtful', 'flaky')}` : '';
  const room = width - lengthOf(label) - lengthOf(id) - (check.flaky ? 6 : 0) - 4;
  return `${style(outcomeRoles[check.verdict], label)} ${style('strong', id)}${flaky}   ${style('quiet', fit(facts, room))}`;
}

function titleLines(check: CheckResult, { style, width }: Canvas): readonly string[] {
  const source = [check.level, ...check.specification.slice(0, 1).map((link) => printableLine(link.title))].join('  ');
  const title = printableLine(check.title);
  const together = `${title}   ${source}`;
  if (lengthOf(together) <= width - indent.length) return [`${indent}${title}   ${style('quiet', source)}`];
  const room = width - indent.length;
  return [...wrap(title, room, 2).map((line) => indent + line), indent + style('quiet', fit(source, room))];
}

function whyLines(check: CheckResult, execution: ExecutionResult | undefined, canvas: Canvas): readonly string[] {
  const failure = execution?.failure;
  const reason = check.reason ?? execution?.reason;
  const because = reason === undefined ? [] : labelled('because', reason, 2, canvas);
  if (!failure) return because;
  return [
    ...because,
    ...labelled('check', failure.expectation, 2, canvas),
    ...labelled('expected', failure.expected, 2, canvas),
    ...labelled('actual', failure.actual, 2, canvas, 'bad'),
    ...labelled('', failure.pattern, 1, canvas, 'quiet'),
    ...noteLines(failure.notes, canvas),
  ];
}

/** The most telling notes, whole or not at all, but the first. */
function noteLines(notes: Failure['notes'], canvas: Canvas): readonly string[] {
  const lines: string[] = [];
  let shown = 0;
  for (const { title, text } of notes) {
    const note = labelled(shown === 0 ? 'notes' : '', `${title}: ${text}`, 2, canvas);
    if (lines.length + note.length > noteLinesShown) break;
    lines.push(...note);
    shown += 1;
  }
  const more = notes.length - shown;
  return more > 0 ? [...lines, ...labelled('', `${plural(more, 'more note')} in the report`, 1, canvas, 'quiet')] : lines;
}

function nextLines(document: RunDocument, check: CheckResult, execution: ExecutionResult | undefined, canvas: Canvas): readonly string[] {
  const commands = (execution?.failure?.reproduce ?? []).slice(0, commandsShown);
  const folder = evidenceFolder(execution);
  const again = runAgain(document, check);
  return [
    // A command must stay whole: it is to be copied.
    ...commands.map((command, index) => line(index === 0 ? 'try' : '', printableLine(command), canvas)),
    ...(folder === undefined ? [] : [line('files', printableLine(`${canvas.runDirectory}/${folder}`), canvas, 'link')]),
    ...(commands.includes(again) ? [] : [line('again', printableLine(again), canvas)]),
  ];
}

function labelled(label: string, text: string, lines: number, canvas: Canvas, role?: Parameters<Style>[0]): readonly string[] {
  const wrapped = wrap(text, Math.max(20, canvas.width - indent.length - labelWidth), lines);
  return wrapped.map((part, index) => line(index === 0 ? label : '', part, canvas, role));
}

function line(label: string, text: string, { style }: Canvas, role?: Parameters<Style>[0]): string {
  return `${indent}${style('quiet', pad(label, labelWidth))}${role === undefined ? text : style(role, text)}`;
}
