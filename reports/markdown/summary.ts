// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, RunDocument } from '../../harness/run/document.ts';
import { findingCells, findingHeads, gateMarks } from '../bench/words.ts';
import { formatMs, plural, runMarks, verdictMarks, verdictsByUrgency } from '../format.ts';
import { measuredCell, tableOf } from '../load/tables.ts';
import { architectureText, byUrgency, decisiveExecution, targetTitle } from '../outcome.ts';
import { code, folded, table, text } from './markup.ts';

/** More are in the report; a summary is read on the page of a pull request. */
const rowsShown = 20;

/** The run as Markdown, for the job summary of a CI service: verdict, what did not hold, and what was measured. */
export function renderMarkdown(document: RunDocument): string {
  const { run, verdict, errors } = document;
  const took = run.durationMs === undefined ? 'ended before it was finished' : `in ${formatMs(run.durationMs)}`;
  const parts = [
    `## ${runMarks[verdict].symbol} ${runMarks[verdict].label}: ${text(targetTitle(run.target))} on ${text(architectureText(document))}`,
    `${counts(document)} ${took}. Run ${code(run.runId)}, ${code(`gauntlet ${run.command}`)}, seed ${run.seed}.`,
    ...errors.map(({ code: id, message, hint }) => `> **${id}** ${text(message)} ${text(hint)}`),
    unheld(document.checks),
    ...gates(document),
    ...measured(document),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function counts({ counts, checks }: RunDocument): string {
  const told = verdictsByUrgency
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${verdictMarks[verdict].label}`);
  return `${plural(checks.length, 'check')}${told.length === 0 ? '' : `: ${told.join(', ')}`},`;
}

function unheld(checks: readonly CheckResult[]): string {
  const all = byUrgency(checks).filter(({ verdict }) => verdict === 'fail' || verdict === 'warn' || verdict === 'could-not-run');
  const rows = all.map((check) => {
    const { failure } = decisiveExecution(check) ?? {};
    const why =
      failure === undefined ? (check.reason ?? '') : `${failure.expectation}: expected ${failure.expected}, got ${failure.actual}`;
    return [verdictMarks[check.verdict].label, code(check.id), text(why)];
  });
  return rows.length === 0 ? '' : shortened(['', 'check', 'why'], rows);
}

function gates({ checks }: RunDocument): readonly string[] {
  return checks
    .flatMap(({ executions }) => executions)
    .flatMap(({ execution, gate }) => {
      if (gate?.decision === undefined) return [];
      const { verdict, pairs, findings, reasons } = gate.decision;
      return [
        `**${gateMarks[verdict].label}** ${code(execution)} after ${plural(pairs, 'pair of windows', 'pairs of windows')}${reasons.map((reason) => `; ${text(reason)}`).join('')}`,
        table(
          findingHeads,
          findings.map((finding) => findingCells(finding).map(text)),
        ),
      ];
    });
}

function measured({ checks }: RunDocument): readonly string[] {
  return checks
    .flatMap(({ executions }) => executions)
    .flatMap(({ execution, sabotage, measured }) => {
      if (measured === undefined || sabotage !== undefined) return [];
      const { metrics, rows } = tableOf(measured.measurements);
      const cells = rows.map(({ cell, values }) => [cell, ...values.map(measuredCell)].map(text));
      const reasons = [...new Set(rows.flatMap(({ invalid }) => invalid ?? []))].map(
        (reason) => `\\* says nothing of the gateway: ${text(reason)}`,
      );
      return [`**${code(execution)}**`, shortened(['', ...metrics.map(text)], cells), ...reasons];
    });
}

/** The first rows, and the others folded. */
function shortened(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const [shown, rest] = [rows.slice(0, rowsShown), rows.slice(rowsShown)];
  return rest.length === 0 ? table(heads, shown) : `${table(heads, shown)}\n\n${folded(`${rest.length} more`, table(heads, rest))}`;
}
