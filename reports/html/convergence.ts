// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { formatMs, plural } from '../format.ts';
import { convergences, isAtOnce, type Convergence } from '../outcome.ts';
import { anchor, html, type Markup } from './markup.ts';
import { percent, section } from './parts.ts';

const ticks = [10, 100, 1_000, 10_000, 100_000];

/** Time to converge: from the first attempt to the first success, a dot for each execution. */
export function convergenceSection(document: RunDocument): Markup | undefined {
  const all = convergences(document);
  const rows = all.filter((row) => !isAtOnce(row.maxMs));
  const atOnce = all.filter((row) => isAtOnce(row.maxMs));
  if (all.length === 0) return undefined;
  return section(
    'convergence',
    'Time to converge',
    'From the first attempt to the first success of each expectation, one dot for each execution, on a logarithmic scale.',
    html`${rows.length === 0 ? undefined : convergenceTable(rows)} ${atOnce.length === 0 ? undefined : atOnceList(atOnce)}`,
  );
}

function atOnceList(all: readonly Convergence[]): Markup {
  return html`<details class="panel at-once">
    <summary>${plural(all.length, 'expectation')} held at the first attempt</summary>
    <ul>
      ${all.map(({ check, expectation }) => html`<li><a href="#${anchor('check', check.id)}">${check.id}</a> ${expectation}</li>`)}
    </ul>
  </details>`;
}

function convergenceTable(rows: readonly Convergence[]): Markup {
  const axis = logarithmicAxis(Math.max(...rows.map((row) => row.maxMs)));
  return html`<div class="panel">
    <table class="convergence">
      <thead>
        <tr>
          <th scope="col">Check and expectation</th>
          <th scope="col" class="strip">
            <svg width="100%" height="16" aria-hidden="true">${axis.ticks.map(tickLabel)}</svg><span class="unseen">Distribution</span>
          </th>
          <th scope="col" class="number">Median</th>
          <th scope="col" class="number">Longest</th>
          <th scope="col" class="number">n</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => convergenceRow(row, axis))}
      </tbody>
    </table>
  </div>`;
}

interface Axis {
  readonly ticks: readonly { readonly ms: number; readonly at: number }[];
  readonly position: (ms: number) => number;
}

/** From 10 ms to the power of ten above the longest. */
function logarithmicAxis(longest: number): Axis {
  const end = Math.max(3, Math.ceil(Math.log10(Math.max(longest, 11))));
  // Dots keep off the edges, so that none is cut in half.
  const position = (ms: number): number => 0.015 + 0.97 * Math.min(1, Math.max(0, (Math.log10(Math.max(ms, 10)) - 1) / (end - 1)));
  return { position, ticks: ticks.filter((ms) => Math.log10(ms) <= end).map((ms) => ({ ms, at: position(ms) })) };
}

function tickLabel({ ms, at }: Axis['ticks'][number], index: number, all: Axis['ticks']): Markup {
  const side = index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle';
  return html`<text x="${percent(at)}" y="12" text-anchor="${side}">${ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`}</text>`;
}

function convergenceRow({ check, expectation, samples, medianMs, maxMs }: Convergence, axis: Axis): Markup {
  const grid = axis.ticks.map(({ at }) => html`<line class="grid" x1="${percent(at)}" x2="${percent(at)}" y1="0" y2="100%" />`);
  const dots = samples.map((ms) => html`<circle cx="${percent(axis.position(ms))}" cy="50%" r="4"><title>${formatMs(ms)}</title></circle>`);
  return html`<tr>
    <th scope="row"><a href="#${anchor('check', check.id)}">${check.id}</a> <span>${expectation}</span></th>
    <td class="strip">
      <svg
        width="100%"
        height="22"
        role="img"
        aria-label="${plural(samples.length, 'measurement')}: ${samples.map((ms) => formatMs(ms)).join(', ')}"
      >
        ${grid}${dots}
      </svg>
    </td>
    <td class="number">${formatMs(medianMs)}</td>
    <td class="number">${formatMs(maxMs)}</td>
    <td class="number">${samples.length}</td>
  </tr>`;
}
