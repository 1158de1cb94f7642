// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { formatMs } from '../format.ts';
import { pace, slowest } from '../outcome.ts';
import { anchor, html, type Markup } from './markup.ts';
import { facts, percent, section } from './parts.ts';

/** Where the time went: phases along the run, and the slowest checks. */
export function timeSection(document: RunDocument): Markup | undefined {
  if (document.phases.length === 0) return undefined;
  const perMinute = pace(document);
  return section(
    'time',
    'Where the time went',
    perMinute === undefined ? undefined : `${perMinute} executions a minute, ${document.run.jobs} at once.`,
    html`<div class="columns">${phaseTable(document)}${slowestTable(document)}</div>`,
  );
}

function phaseTable({ phases, run }: RunDocument): Markup {
  const end = phases.reduce(
    (latest, phase) => Math.max(latest, phase.startedAt + (phase.durationMs ?? 0)),
    run.startedAt + (run.durationMs ?? 0),
  );
  const length = Math.max(1, end - run.startedAt);
  const rows = phases.map((phase) => {
    const outcome = phase.outcome === 'ok' ? 'pass' : phase.outcome === 'failed' ? 'fail' : 'could-not-run';
    const word = phase.outcome === 'ok' ? undefined : html` <small class="${outcome}">${phase.outcome ?? 'not finished'}</small>`;
    // A short phase must stay visible, also at the end of the run.
    const start = Math.min(0.99, (phase.startedAt - run.startedAt) / length);
    const width = Math.max(0.008, (phase.durationMs ?? end - phase.startedAt) / length);
    return html`<tr>
      <th scope="row">${phase.title}${word}</th>
      <td class="strip">
        <svg width="100%" height="22" aria-hidden="true">
          <line class="grid" x1="0" x2="100%" y1="50%" y2="50%" />
          <rect class="phase ${outcome}" x="${percent(start)}" y="6" width="${percent(width)}" height="10" rx="2" />
        </svg>
      </td>
      <td class="number">${formatMs(phase.durationMs)}</td>
    </tr>`;
  });
  return html`<div class="panel">
    <table class="phases">
      <thead>
        <tr>
          <th scope="col">Phase</th>
          <th scope="col" class="strip"><span class="unseen">When</span></th>
          <th scope="col" class="number">Time</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function slowestTable(document: RunDocument): Markup | undefined {
  const found = slowest(document, 6);
  if (found.length === 0) return undefined;
  return html`<div class="panel">
    <table>
      <thead>
        <tr>
          <th scope="col">Slowest checks</th>
          <th scope="col" class="number">Time</th>
        </tr>
      </thead>
      <tbody>
        ${found.map(
          ({ check, ms }) =>
            html`<tr>
              <th scope="row"><a href="#${anchor('check', check.id)}">${check.id}</a></th>
              <td class="number">${formatMs(ms)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What was tested with what: machine, cluster, tools, images, budgets. */
export function environmentSection({ environment, run, journal }: RunDocument): Markup {
  const gauntlet = { version: run.gauntlet.version, ...(run.gauntlet.commit === undefined ? {} : { commit: run.gauntlet.commit }) };
  const budgets = Object.fromEntries(Object.entries(run.budgets).map(([name, ms]) => [name, formatMs(ms)]));
  // By which a reader can tell whether a journal is the one that this page is of.
  const raw =
    journal === undefined ? {} : { events: String(journal.events), 'checksum of the last and all before it (SHA-256)': journal.sha256 };
  const cards = Object.entries({ ...environment, gauntlet, budgets, journal: raw })
    .filter(([, values]) => Object.keys(values).length > 0)
    // Digests need a whole line; their cards stand below the others.
    .toSorted(([, a], [, b]) => Number(Object.values(a).some(isDigest)) - Number(Object.values(b).some(isDigest)));
  return section(
    'environment',
    'Environment',
    undefined,
    html`<div class="cards">
      ${cards.map(
        ([name, values]) =>
          html`<div class="panel card ${Object.values(values).some(isDigest) ? 'wide' : ''}">
            <h3>${name}</h3>
            ${facts(Object.entries(values).map(([key, value]) => [key, isDigest(value) ? html`<code>${value}</code>` : value]))}
          </div>`,
      )}
    </div>`,
  );
}

const isDigest = (value: string): boolean => /[0-9a-f]{32}/.test(value);
