// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, ExecutionResult, RunDocument } from '../../harness/run/document.ts';
import type { Failure } from '../../harness/run/events.ts';
import { formatMs, plural, proofMarks, verdictMarks } from '../format.ts';
import { decisiveExecution, failedAsIs, plainExecutions, reproduction, sabotagedExecutions, totalMs } from '../outcome.ts';
import { attemptsTimeline } from './attempts.ts';
import { cellDetails } from './cell.ts';
import { evidenceOf, type EvidenceReader } from './evidence.ts';
import { gateDetails } from './gate.ts';
import { measuredDetails } from './load.ts';
import { anchor, html, webLink, type Content, type Markup } from './markup.ts';
import { badge, command, facts, tag } from './parts.ts';

/** One check: a line that opens into its page. What did not hold is open from the start, but for cells: their matrix leads to them. */
export async function checkPage(document: RunDocument, check: CheckResult, reader: EvidenceReader): Promise<Markup> {
  const execution = decisiveExecution(check);
  const cell = cellDetails(check);
  const open = check.verdict === 'fail' && cell === undefined;
  const body = await checkBody(document, check, execution, cell, reader);
  return html`<details
    class="check ${check.verdict}"
    id="${anchor('check', check.id)}"
    data-verdict="${check.verdict}"
    data-flaky="${String(check.flaky)}"
    ${open ? html`open` : undefined}
  >
    <summary>
      ${badge(check.verdict, verdictMarks[check.verdict])}
      <h3>${check.id}</h3>
      <span class="title">${check.title}</span>
      <span class="tags"
        >${check.flaky ? tag('flaky', 'doubtful') : undefined}${check.level === 'MUST' ? undefined : tag(check.level)}</span
      >
      <span class="time">${formatMs(totalMs(check))}</span>
    </summary>
    <div class="check-body">${body}</div>
  </details>`;
}

async function checkBody(
  document: RunDocument,
  check: CheckResult,
  execution: ExecutionResult | undefined,
  cell: Content,
  reader: EvidenceReader,
): Promise<Content> {
  const reason = check.reason ?? execution?.reason;
  const evidence = execution && (await evidenceOf(execution, reader));
  return [
    html`<p class="requirement">${check.title}</p>`,
    aboutFacts(check),
    flakyRemark(check),
    reason === undefined ? undefined : html`<p class="reason ${check.verdict}">${reason}</p>`,
    execution && gateDetails(execution),
    execution && measuredDetails(execution),
    ...(cell === undefined
      ? expectations(check, execution)
      : [cell, cellNotes(execution?.failure), executionTable(check, sabotagedExecutions(check))]),
    evidence
      ? html`<h4>Evidence</h4>
          ${evidence}`
      : undefined,
    check.executions.length === 0 ? undefined : commands(document, check),
  ];
}

function expectations(check: CheckResult, execution: ExecutionResult | undefined): readonly Content[] {
  return [
    execution?.failure && failedAsIs(check) ? comparison(execution.failure) : undefined,
    execution ? timelines(execution) : undefined,
    check.executions.length < 2 ? undefined : executionTable(check, check.executions),
  ];
}

function aboutFacts(check: CheckResult): Markup {
  const sources = check.specification.map((link, index) => html`${index === 0 ? '' : ', '}${webLink(link.title, link.url)}`);
  return facts([
    ['Level', check.level],
    ['Feature', html`<code>${check.feature}</code>`],
    ...(sources.length === 0 ? [] : [['Source', sources] as const]),
    ['File', html`<code>${check.file}</code>`],
    ['Priority', check.serial ? `${check.priority}, runs alone` : check.priority],
  ]);
}

function flakyRemark(check: CheckResult): Markup | undefined {
  if (!check.flaky) return undefined;
  const plain = plainExecutions(check);
  const passed = plain.filter((execution) => execution.verdict === 'pass').length;
  return html`<p class="reason doubtful">Flaky: ${passed} of ${plural(plain.length, 'execution')} passed. That counts as a failure.</p>`;
}

function comparison(failure: Failure): Markup {
  return html`<h4><span>Expectation</span>${failure.expectation}</h4>
    <div class="comparison">
      <div>
        <h5>Expected</h5>
        <pre>${failure.expected}</pre>
      </div>
      <div class="actual">
        <h5>Actual</h5>
        <pre>${failure.actual}</pre>
      </div>
    </div>
    <p class="pattern">${failure.pattern}</p>
    ${notes(failure)}`;
}

function cellNotes(failure: Failure | undefined): Markup | undefined {
  const found = notes(failure);
  return (
    found &&
    html`<h4>Notes</h4>
      ${found}`
  );
}

function notes(failure: Failure | undefined): Markup | undefined {
  if (failure === undefined || failure.notes.length === 0) return undefined;
  return html`<dl class="notes">
    ${failure.notes.map(
      (note) =>
        html`<div>
          <dt>${note.title}</dt>
          <dd><pre>${note.text}</pre></dd>
        </div>`,
    )}
  </dl>`;
}

/** The expectation that did not hold comes first. */
function timelines(execution: ExecutionResult): Content {
  const entries = Object.entries(execution.attempts).filter(([, attempts]) => attempts.length > 0);
  const failed = execution.failure?.expectation;
  const ordered = [...entries.filter(([name]) => name === failed), ...entries.filter(([name]) => name !== failed)];
  return ordered.length === 0
    ? undefined
    : html`<h4>Attempts</h4>
        ${ordered.map(([name, attempts]) => attemptsTimeline(name, attempts))}`;
}

function executionTable(check: CheckResult, executions: readonly ExecutionResult[]): Markup | undefined {
  if (executions.length === 0) return undefined;
  return html`<h4>Executions</h4>
    <div class="scroll" tabindex="0" role="region" aria-label="Executions of ${check.id}">
      <table>
        <thead>
          <tr>
            <th scope="col">Execution</th>
            <th scope="col">Outcome</th>
            <th scope="col" class="number">Time</th>
            <th scope="col">What was seen</th>
          </tr>
        </thead>
        <tbody>
          ${executions.map(executionRow)}
        </tbody>
      </table>
    </div>`;
}

function executionRow(execution: ExecutionResult): Markup {
  const { failure } = execution;
  const name = execution.sabotage ?? (execution.repetition === undefined ? 'as it is' : `repetition ${execution.repetition}`);
  const seen = execution.reason ?? (failure && `${failure.expectation}: ${failure.actual}`);
  return html`<tr>
    <th scope="row">${execution.sabotage === undefined ? name : html`<code>${name}</code>`}</th>
    <td>${outcomeBadge(execution)}</td>
    <td class="number">${formatMs(execution.durationMs)}</td>
    <td>${seen}</td>
  </tr>`;
}

/** What came of an execution; under a sabotage that is whether it was noticed. */
export function outcomeBadge({ sabotage, proof, verdict }: ExecutionResult): Markup {
  if (proof !== undefined) return badge(proof, proofMarks[proof]);
  if (sabotage !== undefined || verdict === undefined) return badge('could-not-run', { symbol: '?', label: 'did not end' });
  return badge(verdict, verdictMarks[verdict]);
}

function commands(document: RunDocument, check: CheckResult): Markup {
  const found = reproduction(document, check);
  return html`<h4>${found.length === 1 ? 'Run again' : 'Reproduce'}</h4>
    ${found.map(command)}`;
}
