// SPDX-License-Identifier: Apache-2.0
import type { ExecutionResult } from '../../harness/run/document.ts';
import { measuredText, tableOf } from '../load/tables.ts';
import { chartFigure } from './chart.ts';
import { frontierDetails } from './frontier.ts';
import { anchor, html, type Content } from './markup.ts';

/** What a scenario measured; undefined for an execution that is none. */
export function measuredDetails({ execution, measured }: ExecutionResult): Content {
  if (measured === undefined) return undefined;
  const { metrics, rows } = tableOf(measured.measurements);
  return [
    html`<h4>What was measured</h4>`,
    measured.charts.map((chart, index) => chartFigure(anchor('chart', `${execution}-${index}`), chart)),
    frontierDetails(execution, measured.measurements),
    html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers of ${execution}">
      <table class="measured">
        <thead>
          <tr>
            <th scope="col">Cell</th>
            ${metrics.map((metric) => html`<th scope="col" class="number">${metric}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ cell, values, invalid }) =>
              html`<tr>
                <th scope="row">
                  ${cell}${invalid === undefined ? undefined : html`<small>says nothing of the gateway: ${invalid}</small>`}
                </th>
                ${values.map(
                  (one) =>
                    html`<td class="${one?.invalid === undefined ? 'number' : 'number invalid'}">
                      ${one && measuredText(one)}${one?.direct === undefined ? undefined : html`<small>direct ${measuredText({ unit: one.unit, value: one.direct })}</small>`}
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  ];
}
