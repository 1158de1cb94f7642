// SPDX-License-Identifier: Apache-2.0
import type { TrendEntry } from '../../harness/bench/trend/entry.ts';
import type { TrendNumber } from '../../harness/bench/trend/series.ts';
import { formatInstant, plural } from '../format.ts';
import { anchor, html, type Markup } from '../html/markup.ts';
import { section } from '../html/parts.ts';
import { renderShell } from '../html/shell.ts';
import { trendFigure } from './chart.ts';
import { pointText } from './print.ts';

/** A trend as one page that needs nothing else: each number as a drawing and as a table. */
export async function renderTrend(entries: readonly TrendEntry[], numbers: readonly TrendNumber[]): Promise<string> {
  const runs = entries.toSorted((a, b) => a.startedAt - b.startedAt);
  const machines = [...new Set(numbers.flatMap(({ points }) => points.map(({ machine }) => machine)))];
  const scenarios = [...Map.groupBy(numbers, ({ gateway, id }) => `${gateway}: ${id.split(': ')[0] ?? id}`)];
  const title = `Trend of ${plural(runs.length, 'run')}`;
  return renderShell({
    title,
    colour: '4149c4',
    sections: [...scenarios.map(([name]) => [anchor('trend', name), name] as const), ['runs', 'Runs'] as const],
    home: 'main',
    main: [
      html`<section id="summary" class="hero" aria-labelledby="summary-title">
        <div class="about wide">
          <h1 id="summary-title">${title}</h1>
          <ul class="meta">
            ${runs.slice(0, 1).map(({ startedAt }) => html`<li>from ${formatInstant(startedAt)}</li>`)}
            ${runs.slice(-1).map(({ startedAt }) => html`<li>to ${formatInstant(startedAt)}</li>`)}
            <li>${plural(machines.length, 'machine')}</li>
          </ul>
          <ul class="meta machines">
            ${machines.map((machine, index) => html`<li class="series-${index % 4}">${machine}</li>`)}
          </ul>
          <p>
            Runs that follow each other on one machine are joined; where a line stands the machine is another one, and nothing is to be
            compared across it.
          </p>
        </div>
      </section>`,
      ...scenarios.map(([name, own]) => scenarioSection(name, own, machines)),
      runsSection(runs),
    ],
    footer: 'Made by gauntlet trend show.',
  });
}

function scenarioSection(name: string, numbers: readonly TrendNumber[], machines: readonly string[]): Markup {
  const id = anchor('trend', name);
  const title = (number: TrendNumber): string => number.id.split(': ').slice(1).join(': ') || number.id;
  return section(
    id,
    name,
    plural(numbers.length, 'number'),
    html`<div class="frontiers">
      ${numbers.map(
        (number, index) =>
          html`<div>${trendFigure(`${id}-${index}`, { ...number, id: title(number) }, machines)}${valuesOf(title(number), number)}</div>`,
      )}
    </div>`,
  );
}

/** What the drawing shows, for those who do not see it. */
function valuesOf(title: string, { unit, points }: TrendNumber): Markup {
  return html`<details class="values">
    <summary>Values of ${title}</summary>
    <div class="scroll" tabindex="0" role="region" aria-label="Values of ${title}">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Gateway</th>
            <th scope="col" class="number">Value</th>
            <th scope="col">Machine</th>
          </tr>
        </thead>
        <tbody>
          ${points.map(
            (point) =>
              html`<tr>
                <th scope="row">${point.runId}</th>
                <td>${point.target}</td>
                <td class="number">${pointText(unit, point)}</td>
                <td>${point.machine}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}

function runsSection(runs: readonly TrendEntry[]): Markup {
  return section(
    'runs',
    'Runs',
    plural(runs.length, 'run'),
    html`<div class="panel scroll runs" tabindex="0" role="region" aria-label="Runs">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Began</th>
            <th scope="col">Gateway</th>
            <th scope="col">Gauntlet</th>
            <th scope="col">Machine</th>
          </tr>
        </thead>
        <tbody>
          ${runs.map(
            ({ runId, startedAt, target, gauntlet, machine: { processor, cores, architecture } }) =>
              html`<tr>
                <th scope="row">${runId}</th>
                <td>${formatInstant(startedAt)}</td>
                <td>${target}</td>
                <td>${gauntlet}</td>
                <td>${processor}, ${cores} cores, ${architecture}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  );
}
