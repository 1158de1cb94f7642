// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { plural } from '../format.ts';
import { cellCounts, cellMarks, cellsBy, cellsByGroup, cellsOf, levelsOf, worstCells, type Cell } from '../lifecycle/cells.ts';
import { shareOfTries, shortOutcome } from '../lifecycle/words.ts';
import { anchor, html, type Content, type Markup } from './markup.ts';
import { section } from './parts.ts';

/** Policies up to this many have their tables open from the start. */
const tablesOpen = 4;
/** More columns than this have no room for the names of policies side by side. */
const mostLevelHeads = 6;

/** The lifecycle matrix: events by policies at a glance, then for each policy its events by levels. */
export function lifecycleSection(document: RunDocument): Markup | undefined {
  const cells = cellsOf(document);
  if (cells.length === 0) return undefined;
  const policies = cellsBy(cells, 'policy');
  return section('lifecycle', 'Lifecycle matrix', 'What happened to each policy while forbidden requests were sent all the time.', [
    counts(cells),
    policies.length > 1 ? overview(cells, policies) : undefined,
    policies.map(([policy, own]) => policyTable(policy, own, policies.length <= tablesOpen)),
  ]);
}

/** `3 leaked, 20 held` as a list, each in its colour. */
function counts(cells: readonly Cell[]): Markup {
  return html`<ul class="cell-counts">
    ${countsOf(cells)}
  </ul>`;
}

function countsOf(cells: readonly Cell[]): Content {
  const { verdicts, none } = cellCounts(cells);
  return [
    verdicts.map(
      ([verdict, count]) =>
        html`<li class="is-${verdict}">
          <b>${count}</b> <span class="symbol" aria-hidden="true">${cellMarks[verdict].symbol}</span> ${cellMarks[verdict].label}
        </li>`,
    ),
    none === 0 ? undefined : html`<li class="could-not-run"><b>${none}</b> without a result</li>`,
  ];
}

type Group = readonly [string, readonly Cell[]];

/** Rows are events and columns policies; a field says the worst of all levels, and on how many of them. */
function overview(cells: readonly Cell[], policies: readonly Group[]): Markup {
  return html`<div class="panel scroll" tabindex="0" role="region" aria-label="Events by policies">
    <table class="heat">
      <caption>
        Events by policies: the worst of all levels, and on how many of them
      </caption>
      <thead>
        <tr>
          <th scope="col">Event</th>
          ${policies.map(([policy]) => html`<th scope="col" class="${policies.length > mostLevelHeads ? 'upright' : ''}"><a href="#${anchor('policy', policy)}">${policy}</a></th>`)}
        </tr>
      </thead>
      ${eventGroups(
        cells,
        policies.length,
        (event, own) =>
          html`<tr>
            <th scope="row" title="${own[0]?.happens}">${event}</th>
            ${policies.map(([policy]) => overviewField(own.filter((cell) => cell.policy === policy)))}
          </tr>`,
      )}
    </table>
  </div>`;
}

function overviewField(cells: readonly Cell[]): Markup {
  const [worst] = worstCells(cells);
  if (worst === undefined) return nothing;
  const alike = cells.filter((cell) => outcomeClass(cell) === outcomeClass(worst)).length;
  const share = cells.length === 1 ? undefined : html` <small>${alike} of ${cells.length}</small>`;
  return html`<td class="${outcomeClass(worst)}">
    <a href="#${target(worst, cells.length)}" title="${worst.check.id}">${shortWord(worst)}${share}</a>
  </td>`;
}

/** Of several cells the row in the table of their policy, of one the cell itself. */
const target = (cell: Cell, count: number): string =>
  count === 1 ? anchor('check', cell.check.id) : anchor('row', `${cell.policy}.${cell.event}`);

const shortWord = (cell: Cell): string => (cell.worst === undefined ? shortOutcome(cell) : cellMarks[cell.worst.verdict].label);

function policyTable(policy: string, cells: readonly Cell[], open: boolean): Markup {
  const levels = levelsOf(cells);
  return html`<details class="panel policy" id="${anchor('policy', policy)}" ${open ? html`open` : undefined}>
    <summary>
      <h3>${policy}</h3>
      <ul class="cell-counts">
        ${countsOf(cells)}
      </ul>
    </summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Events of ${policy} by levels">
      <table class="heat">
        <caption class="unseen">
          ${policy}: events by levels
        </caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            ${levels.map((level) => html`<th scope="col">${level}</th>`)}
          </tr>
        </thead>
        ${eventGroups(
          cells,
          levels.length,
          (event, own) =>
            html`<tr id="${anchor('row', `${policy}.${event}`)}">
              <th scope="row">${event} <small>${own[0]?.happens}</small></th>
              ${levels.map((level) => field(own.find((cell) => cell.level === level)))}
            </tr>`,
        )}
      </table>
    </div>
  </details>`;
}

/** A body of the table for each group of events, under its name. */
function eventGroups(cells: readonly Cell[], columns: number, row: (event: string, cells: readonly Cell[]) => Markup): Content {
  return cellsByGroup(cells).map(
    ([group, own]) =>
      html`<tbody>
        <tr>
          <th scope="rowgroup" colspan="${columns + 1}">${group ?? 'without a result'}</th>
        </tr>
        ${cellsBy(own, 'event').map(([event, alike]) => row(event, alike))}
      </tbody>`,
  );
}

function field(cell: Cell | undefined): Markup {
  if (cell === undefined) return nothing;
  const remarks = [shareOfTries(cell), cell.check.verdict === 'known-gap' ? 'known gap' : undefined].filter((one) => one !== undefined);
  return html`<td class="${outcomeClass(cell)}">
    <a href="#${anchor('check', cell.check.id)}"
      >${shortOutcome(cell)}${remarks.length === 0 ? undefined : html` <small>${remarks.join(', ')}</small>`}</a
    >
  </td>`;
}

const nothing = html`<td class="is-none"><span aria-hidden="true">·</span><span class="unseen">no such cell in this run</span></td>`;

const outcomeClass = ({ worst, check }: Cell): string => (worst === undefined ? check.verdict : `is-${worst.verdict}`);

/** For the numbers at the top of the page. */
export function lifecycleNumbers(document: RunDocument): readonly (readonly [string, string, Content])[] {
  const cells = cellsOf(document);
  const bad = cells.filter(({ worst }) => worst?.leak !== undefined);
  const [first] = worstCells(bad);
  if (first === undefined) return [];
  const link = html`<a href="#${anchor('check', first.check.id)}">${first.check.id}</a>`;
  return [
    ['Let something forbidden through', `${bad.length} of ${plural(cells.length, 'cell')}`, html`<a href="#lifecycle">Matrix</a>`],
    ['Worst of them', shortOutcome(first), link],
  ];
}
