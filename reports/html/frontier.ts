// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from '../../harness/bench/measurement.ts';
import { bestWithin, frontierLimits, frontiersOf, type Frontier, type FrontierPoint } from '../load/frontier.ts';
import { measuredText } from '../load/tables.ts';
import { chartFigure, halfWidth } from './chart.ts';
import { anchor, html, type Content, type Markup } from './markup.ts';

/** How many requests a second there were within each limit of latency, as drawings and as a table; undefined for a scenario that drives nothing to its limit. */
export function frontierDetails(execution: string, measurements: readonly Measurement[]): Content {
  const frontiers = frontiersOf(measurements);
  if (frontiers.length === 0) return undefined;
  const room = frontiers.flatMap(({ gateway, direct }) => [...gateway, ...direct].map(placeOf));
  return [
    html`<h4>Requests a second by latency</h4>`,
    html`<div class="frontiers">
      ${frontiers.map(({ title, gateway, direct }, index) =>
        chartFigure(
          anchor('frontier', `${execution}-${index}`),
          {
            title: title === '' ? 'All cells' : title,
            x: { title: 'p99 in milliseconds', scale: 'logarithmic' },
            y: { title: 'requests a second' },
            form: 'frontier',
            series: [
              { name: 'gateway', points: gateway.map(placeOf) },
              { name: 'direct', points: direct.map(placeOf) },
            ],
          },
          { size: halfWidth, room },
        ),
      )}
    </div>`,
    table(execution, frontiers),
    html`<p class="remark">
      The best of the cells that were measured, by the 99th percentile of their latency; “none” where no cell was that fast. “Direct” is the
      backend without the gateway.${leftOut(frontiers)}
    </p>`,
  ];
}

const placeOf = ({ p99, rate }: FrontierPoint): readonly [number, number] => [p99, rate];

function table(execution: string, frontiers: readonly Frontier[]): Markup {
  const heads = frontierLimits.map((limit) => (limit === null ? 'any p99' : `p99 ≤ ${limit} ms`));
  const row = (title: string, points: readonly FrontierPoint[]): Markup =>
    html`<tr>
      <th scope="row">${title}</th>
      ${frontierLimits.map((limit) => html`<td class="number">${cellText(points, limit)}</td>`)}
    </tr>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Requests a second of ${execution} by latency">
    <table class="measured">
      <thead>
        <tr>
          <th scope="col">Requests a second</th>
          ${heads.map((head) => html`<th scope="col" class="number">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${frontiers.flatMap(({ title, gateway, direct }) => [row(named(title, 'gateway'), gateway), row(named(title, 'direct'), direct)])}
      </tbody>
    </table>
  </div>`;
}

const named = (title: string, side: string): string => (title === '' ? side : `${title}, ${side}`);

/** Nothing measured is not the same as nothing fast enough. */
function cellText(points: readonly FrontierPoint[], limit: number | null): Content {
  if (points.length === 0) return measuredText({ unit: 'per second', value: null });
  const best = bestWithin(points, limit);
  if (best === undefined) return 'none';
  return html`${measuredText({ unit: 'per second', value: best.rate })}<small>${best.cell}</small>`;
}

function leftOut(frontiers: readonly Frontier[]): string {
  const left = frontiers.flatMap((one) => one.left.map((name) => named(one.title, name)));
  return left.length === 0 ? '' : ` Left out, as they say nothing of the gateway or had failures: ${left.join('; ')}.`;
}
