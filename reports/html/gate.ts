// SPDX-License-Identifier: Apache-2.0
import type { MetricFinding } from '../../harness/bench/gate.ts';
import type { ExecutionResult } from '../../harness/run/document.ts';
import { findingCells, gateMarks, metricTitles, worseText } from '../bench/words.ts';
import { plural } from '../format.ts';
import { anchor, html, type Content, type Markup } from './markup.ts';
import { badge, percent } from './parts.ts';

/** What a gate decided and from what; undefined for an execution that is none. */
export function gateDetails({ execution, gate }: ExecutionResult): Content {
  if (gate?.decision === undefined) return undefined;
  const { verdict, pairs, findings, reasons } = gate.decision;
  const invalid = gate.windows.filter((window) => window.invalid !== undefined);
  return [
    html`<h4>What was decided, and from what</h4>`,
    html`<p>
      ${badge(verdict === 'inconclusive' ? 'could-not-run' : verdict, gateMarks[verdict])} from ${plural(pairs, 'pair')} of windows.
    </p>`,
    reasons.map((reason) => html`<p>${reason}</p>`),
    findings.length === 0 ? undefined : findingsTable(execution, findings),
    findings.map((finding) => pairsPicture(anchor('pairs', `${execution}-${finding.metric}`), finding)),
    invalid.length === 0
      ? undefined
      : html`<p>
          ${plural(invalid.length, 'window')} of ${gate.windows.length} did not count, the last one because ${invalid.at(-1)?.invalid}.
        </p>`,
  ];
}

function findingsTable(execution: string, findings: readonly MetricFinding[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Metrics of ${execution}">
    <table>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">Candidate worse by (99 %)</th>
          <th scope="col">Two of the same</th>
          <th scope="col" class="number">p</th>
        </tr>
      </thead>
      <tbody>
        ${findings.map((finding) => {
          const [title, worse, noise, p] = findingCells(finding);
          return html`<tr>
            <th scope="row">${title}</th>
            <td>${worse}</td>
            <td>${noise}</td>
            <td class="number">${p}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

const height = 96;
const limit = 1.05;

/** One point for each pair, by how much worse the candidate was; the band is the interval, the dashed line what is tolerated. */
function pairsPicture(id: string, { metric, worse, ratio }: MetricFinding): Markup | undefined {
  if (worse.length === 0) return undefined;
  const span = Math.max(limit, ...worse.flatMap((value) => [value, 1 / value])) * 1.01;
  const at = (value: number): number => (height / 2) * (1 - Math.log(value) / Math.log(span));
  const { low, high } = ratio;
  const level = (value: number, className: string): Markup =>
    html`<line class="${className}" x2="100%" y1="${at(value)}" y2="${at(value)}" />`;
  return html`<figure class="timeline pairs">
    <svg width="100%" height="${height}" role="img" aria-labelledby="${id}-title">
      <title id="${id}-title">
        ${metricTitles[metric]}: how much worse in each of ${plural(worse.length, 'pair')}, from ${worseText(Math.min(...worse))} to
        ${worseText(Math.max(...worse))}
      </title>
      ${low === null || high === null ? undefined : html`<rect class="interval" width="100%" y="${at(high)}" height="${Math.max(1, at(low) - at(high))}" />`}
      ${level(1, 'axis')} ${level(limit, 'limit')}
      ${worse.map((value, index) => html`<circle cx="${percent((index + 0.5) / worse.length)}" cy="${at(value)}" r="3" />`)}
    </svg>
    <figcaption>
      <span>${metricTitles[metric]}: worse by, pair by pair; ${worseText(span)} at the top</span>
      <span>band: 99 % interval; dashed: ${worseText(limit)}, what is tolerated</span>
    </figcaption>
  </figure>`;
}
