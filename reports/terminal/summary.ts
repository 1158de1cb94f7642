// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, RunDocument } from '../../harness/run/document.ts';
import { formatMs, plural, proofMarks, runMarks, verdictMarks, verdictsByUrgency } from '../format.ts';
import { worstTry } from '../lifecycle/cells.ts';
import {
  architectureText,
  commandOf,
  convergences,
  failedAsIs,
  median,
  pace,
  proofCounts,
  sabotagedExecutions,
  slowest,
  targetTitle,
  waits,
  withVerdict,
} from '../outcome.ts';
import { printableLine } from '../printable.ts';
import { row, type Canvas } from './canvas.ts';
import { conformanceBlocks } from './conformance.ts';
import { failureLines } from './failure.ts';
import { gateLines } from './gate.ts';
import { cellCountLine, cellLines } from './lifecycle.ts';
import { loadLines } from './load.ts';
import { columns, fit, lengthOf, wrap } from './layout.ts';
import { outcomeRoles, styleFor } from './style.ts';

/** How the summary is drawn. */
export interface SummaryOptions {
  /** Whether the terminal shows colours: {@link hasColour}. */
  readonly colour: boolean;
  /** Width in characters; at least 40 are used. */
  readonly width: number;
  /** The run's folder as the reader would type it. */
  readonly runDirectory: string;
}

const pagesShown = 20;

/** The end of a run on the terminal: what did not hold, then the numbers, where the report is, and last the ids to run again. */
export function renderSummary(document: RunDocument, { colour, width, runDirectory }: SummaryOptions): string {
  const canvas: Canvas = { style: styleFor(colour), width: Math.max(40, width), runDirectory };
  const blocks = [
    knownGapLines(document, canvas),
    couldNotRunLines(document, canvas),
    // What is worst comes last: there the reader is.
    ...failurePages(document, withVerdict(document, 'warn'), canvas),
    ...failurePages(document, withVerdict(document, 'fail').filter(failedAsIs).filter(isNoCell), canvas),
    cellLines(document, canvas),
    gateLines(document, canvas),
    loadLines(document, canvas),
    ...conformanceBlocks(document, canvas),
    proofLines(document, canvas),
    errorLines(document, canvas),
    numberLines(document, canvas),
    verdictLines(document, canvas),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join('\n\n')}\n`;
}

/** What a cell of the lifecycle matrix came to is said in one line. */
const isNoCell = (check: CheckResult): boolean => worstTry(check) === undefined;

/** The first of them whole: when a gateway does nothing right, the twenty-first page says nothing new. */
function failurePages(document: RunDocument, checks: readonly CheckResult[], canvas: Canvas): readonly (readonly string[])[] {
  const pages = checks.slice(0, pagesShown).map((check) => failureLines(document, check, canvas));
  const more = checks.length - pages.length;
  return more === 0 ? pages : [...pages, [canvas.style('quiet', `and ${plural(more, 'more check')} with this verdict, in the report`)]];
}

function knownGapLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  const gaps = withVerdict(document, 'known-gap');
  // One gap of the gateway shows in many cells.
  if (document.run.kind === 'lifecycle') return groupedLines(gaps, ({ reason }) => reason, 'cell', canvas);
  return gaps.flatMap((check) => [
    `${style('noted', verdictMarks['known-gap'].label)} ${style('strong', printableLine(check.id))}`,
    ...wrap(check.reason ?? check.title, width - 5, 2).map((text) => `     ${text}`),
  ]);
}

/** By reason: one missing peer, or the end of the run, can keep many checks from running. */
function couldNotRunLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const open = withVerdict(document, 'could-not-run');
  if (document.run.kind !== 'lifecycle') return groupedLines(open, ({ reason }) => reason, 'check', canvas);
  // Each cell has numbers of its own in the same reason.
  return groupedLines(open, ({ reason = '' }) => /^GAUNTLET_[A-Z_]+/.exec(reason)?.[0] ?? reason, 'cell', canvas);
}

/** What is alike once, with the reason of the first and all ids. */
function groupedLines(
  all: readonly CheckResult[],
  alike: (check: CheckResult) => string | undefined,
  noun: string,
  { style, width }: Canvas,
): readonly string[] {
  return [...Map.groupBy(all, alike).values()].flatMap((checks) => {
    const { verdict = 'could-not-run', reason = 'no reason given' } = checks[0] ?? {};
    return [
      `${style(outcomeRoles[verdict], verdictMarks[verdict].label)} ${style('strong', plural(checks.length, noun))}`,
      ...wrap(reason, width - 5, 3).map((text) => `     ${text}`),
      ...wrap(checks.map((check) => check.id).join(' '), width - 5, 6).map((text) => `     ${style('quiet', text)}`),
    ];
  });
}

function proofLines(document: RunDocument, { style, width }: Canvas): readonly string[] {
  const rows = document.checks.flatMap((check) =>
    sabotagedExecutions(check).map((execution, index) => ({
      execution,
      cells: [
        index === 0 ? printableLine(check.id) : '',
        printableLine(execution.sabotage ?? ''),
        execution.proof ? proofMarks[execution.proof].label : 'did not run',
      ],
    })),
  );
  if (rows.length === 0) return [];
  const aligned = columns([['check', 'sabotage', 'outcome'], ...rows.map((row) => row.cells)]);
  const [header = [], ...body] = aligned;
  return [
    style('quiet', header.join('  ').trimEnd()),
    ...body.flatMap((cells, index) => {
      const execution = rows[index]?.execution;
      const role = outcomeRoles[execution?.proof ?? 'could-not-run'];
      const row = `${style('strong', cells[0] ?? '')}  ${cells[1] ?? ''}  ${style(role, cells[2] ?? '')}`.trimEnd();
      const reason = execution?.proof === 'proven' ? undefined : execution?.reason;
      return [row, ...(reason === undefined ? [] : wrap(reason, width - 4, 2).map((text) => `    ${style('quiet', text)}`))];
    }),
  ];
}

function errorLines(document: RunDocument, { style, width }: Canvas): readonly string[] {
  return document.errors.flatMap((error) => [
    `${style('bad', 'ERROR')} ${style('strong', error.code)}`,
    ...wrap(error.message, width - 5, 4).map((text) => `     ${text}`),
    ...wrap(error.hint, width - 5, 3).map((text) => `     ${style('quiet', text)}`),
  ]);
}

function numberLines(document: RunDocument, canvas: Canvas): readonly string[] {
  return [
    ...countLines(document, canvas),
    ...proofCountLines(document, canvas),
    ...paceLines(document, canvas),
    ...slowestLines(document, canvas),
    ...convergenceLines(document, canvas),
  ];
}

function countLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const { counts, checks } = document;
  if (checks.length === 0) return [];
  const cells = cellCountLine(document, canvas);
  if (cells !== undefined) return [cells];
  const parts = verdictsByUrgency
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => canvas.style(outcomeRoles[verdict], `${counts[verdict]} ${verdictMarks[verdict].label}`));
  const flaky = checks.filter((check) => check.flaky).length;
  return [row('checks', [...parts, ...(flaky > 0 ? [canvas.style('doubtful', `${flaky} flaky`)] : [])].join(', '), canvas)];
}

function proofCountLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const { proven, unproven: failed, open } = proofCounts(document);
  if (proven + failed + open === 0) return [];
  const parts = [canvas.style('good', `${proven} proven`)];
  if (failed > 0) parts.push(canvas.style('bad', `${failed} NOT PROVEN`));
  if (open > 0) parts.push(canvas.style('doubtful', `${open} could not run`));
  return [row('sabotages', parts.join(', '), canvas)];
}

function paceLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const perMinute = pace(document);
  return perMinute === undefined ? [] : [row('pace', `${perMinute} a minute, ${document.run.jobs} at once`, canvas)];
}

function slowestLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const found = slowest(document, 3).map(({ check, ms }) => `${printableLine(check.id)} ${formatMs(ms)}`);
  return found.length === 0 ? [] : [row('slowest', found.join(', '), canvas)];
}

function convergenceLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const { atOnce, waited } = waits(document);
  const [worst] = convergences(document);
  if (!worst || waited.length === 0) return [];
  const longest = `${printableLine(worst.check.id)}: ${printableLine(worst.expectation)}`;
  return [
    row(
      'to converge',
      `${atOnce} at once, ${waited.length} waited for: median ${formatMs(median(waited))}, longest ${formatMs(worst.maxMs)}`,
      canvas,
    ),
    row('', canvas.style('quiet', fit(longest, canvas.width - 13)), canvas),
  ];
}

function verdictLines(document: RunDocument, canvas: Canvas): readonly string[] {
  const { style, width, runDirectory } = canvas;
  const { run, verdict, finished } = document;
  const mark = runMarks[verdict];
  const took = finished ? `in ${formatMs(run.durationMs)}` : 'ended before it was finished';
  const facts = printableLine(`${targetTitle(run.target)} / ${architectureText(document)}, run ${run.runId}, seed ${run.seed}`);
  return [
    row('report', style('link', printableLine(`${runDirectory}/report.html`)), canvas),
    `${style(outcomeRoles[verdict], `${mark.symbol} ${mark.label}`)} ${took}   ${style('quiet', fit(facts, width - lengthOf(mark.label) - lengthOf(took) - 6))}`,
    ...againLines(document, canvas),
  ];
}

function againLines(document: RunDocument, { style }: Canvas): readonly string[] {
  const command = commandOf(document);
  const failed = withVerdict(document, 'fail').map((check) => printableLine(check.id));
  const open = withVerdict(document, 'could-not-run').map((check) => printableLine(check.id));
  const resume = document.run.kind === 'lifecycle' ? printableLine(`--resume ${document.run.runId}`) : undefined;
  const tests = document.conformance?.tests.filter((test) => test.result === 'failed').map((test) => printableLine(test.name)) ?? [];
  return [
    ...(open.length === 0 ? [] : [`${style('doubtful', 'could not run:')} ${command} ${resume ?? open.join(' ')}`]),
    ...tests.map((test) => `${style('bad', 'failed:')} gauntlet conformance --run-test ${test}`),
    ...(failed.length === 0 ? [] : [`${style('bad', 'failed:')} ${command} ${failed.join(' ')}`]),
  ];
}
