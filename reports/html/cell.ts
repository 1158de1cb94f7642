// SPDX-License-Identifier: Apache-2.0
import type { CellResult, Mark } from '../../harness/lifecycle/cell-result.ts';
import type { CheckResult, ExecutionResult } from '../../harness/run/document.ts';
import { formatMs, verdictMarks } from '../format.ts';
import { cellMarks, cellOf, worstTry } from '../lifecycle/cells.ts';
import { detectionSentence, extent, generatorSentence, offset, rateSentence, sentences } from '../lifecycle/words.ts';
import { plainExecutions } from '../outcome.ts';
import { cellTimeline } from './cell-timeline.ts';
import { anchor, html, type Content, type Markup } from './markup.ts';
import { badge, facts } from './parts.ts';

const kinds: Readonly<Record<Mark['kind'], string>> = {
  event: 'event',
  restored: 'restored',
  step: 'step',
  status: 'API shows',
  log: 'log',
};

/** What came of a cell of the lifecycle matrix, by the worst of its tries; undefined for any other check, and without a result. */
export function cellDetails(check: CheckResult): Content {
  const worst = worstTry(check);
  if (worst === undefined) return undefined;
  const { execution, result } = worst;
  const tries = plainExecutions(check);
  const { symbol, label } = cellMarks[result.verdict];
  return [
    html`<div class="outcome is-${result.verdict}">
      <p class="badge"><span class="symbol" aria-hidden="true">${symbol}</span>${label}</p>
      ${sentences(result).map((sentence) => html`<p>${sentence}</p>`)}
    </div>`,
    tries.length < 2 ? undefined : triesTable(check, tries),
    html`<h4>${tries.length < 2 ? 'What happened' : html`<span>What happened in</span>${execution.execution}`}</h4>`,
    cellTimeline(anchor('time', execution.execution), result),
    marksTable(check, result.marks),
    breakdowns(result),
    html`<h4>How sure that is</h4>
      <p>${detectionSentence(result)}</p>
      <p>${generatorSentence(result.generator)}</p>`,
  ];
}

function triesTable(check: CheckResult, tries: readonly ExecutionResult[]): Markup {
  return html`<h4>Tries</h4>
    <p>${rateSentence(cellOf(check))}</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Tries of ${check.id}">
      <table>
        <thead>
          <tr>
            <th scope="col">Try</th>
            <th scope="col">Outcome</th>
            <th scope="col">Requests</th>
            <th scope="col" class="number">First</th>
            <th scope="col" class="number">Last</th>
            <th scope="col">API</th>
          </tr>
        </thead>
        <tbody>
          ${tries.map(tryRow)}
        </tbody>
      </table>
    </div>`;
}

function tryRow({ execution, repetition, cell, verdict, reason }: ExecutionResult): Markup {
  const name = repetition ?? execution;
  if (cell === undefined) {
    return html`<tr>
      <th scope="row">${name}</th>
      <td>${badge(verdict ?? 'could-not-run', verdictMarks[verdict ?? 'could-not-run'])}</td>
      <td colspan="4">${reason}</td>
    </tr>`;
  }
  const { result } = cell;
  const spells = (result.leak ?? result.outage)?.spells;
  const [first, last] = [spells?.[0], spells?.at(-1)];
  return html`<tr>
    <th scope="row">${name}</th>
    <td>${badge(`is-${result.verdict}`, cellMarks[result.verdict])}</td>
    <td>${extent(result)}</td>
    <td class="number">${first === undefined ? undefined : offset(first.fromMs)}</td>
    <td class="number">${last === undefined ? undefined : offset(last.toMs)}</td>
    <td>${result.leak === undefined ? undefined : result.leak.whileGreen ? 'called it fine' : 'did not call it fine'}</td>
  </tr>`;
}

function marksTable(check: CheckResult, marks: readonly Mark[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What happened in ${check.id}">
    <table class="marks">
      <thead>
        <tr>
          <th scope="col" class="number">Mark</th>
          <th scope="col" class="number">Time</th>
          <th scope="col">Kind</th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        ${marks.map(
          ({ atMs, kind, text }, index) =>
            html`<tr class="${kind}">
              <th scope="row" class="number">${index + 1}</th>
              <td class="number">${offset(atMs)}</td>
              <td>${kinds[kind]}</td>
              <td>${text}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Which requests passed or failed, and the times that an event may take. */
function breakdowns({ leak, outage, convergedMs, recoveredMs }: CellResult): Content {
  const list = (by: Readonly<Record<string, number>>): Content =>
    linesOf(
      Object.entries(by)
        .toSorted(([, a], [, b]) => b - a)
        .map(([what, count]) => `${count} × ${what}`),
    );
  const entries: (readonly [string, Content])[] = [];
  if (leak !== undefined) entries.push(['Forbidden requests that passed', list(leak.by)]);
  if (outage !== undefined) entries.push(['In place of the answer', list(outage.by)]);
  if (convergedMs !== undefined) entries.push(['The policy took effect', convergedMs === 0 ? 'at once' : `after ${formatMs(convergedMs)}`]);
  if (recoveredMs !== undefined) entries.push(['Service was back', recoveredMs === 0 ? 'at once' : `after ${formatMs(recoveredMs)}`]);
  if (leak !== undefined && leak.examples.length > 0) entries.push(['Ids of the first', html`<code>${linesOf(leak.examples)}</code>`]);
  return entries.length === 0 ? undefined : facts(entries);
}

const linesOf = (texts: readonly string[]): Content => texts.map((text, index) => html`${index === 0 ? undefined : html`<br />`}${text}`);
