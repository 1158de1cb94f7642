// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { plural, runMarks, verdictMarks, verdictsByUrgency } from '../format.ts';
import { cellsOf, worstCells } from '../lifecycle/cells.ts';
import { architectureText, byUrgency, targetTitle } from '../outcome.ts';
import type { RenderContext } from '../renderer.ts';
import { checkPage } from './check.ts';
import { conformanceSection } from './conformance.ts';
import { convergenceSection } from './convergence.ts';
import { environmentSection, timeSection } from './environment.ts';
import { evidenceReader } from './evidence.ts';
import { lifecycleSection } from './lifecycle.ts';
import { html, type Content, type Markup } from './markup.ts';
import { featureMatrix, proofMatrix } from './matrix.ts';
import { section } from './parts.ts';
import { renderShell } from './shell.ts';
import { summary } from './summary.ts';

/** The run as one page that needs nothing else: no network, no other file, and no script to be readable. */
export async function renderHtml(document: RunDocument, context: RenderContext): Promise<string> {
  const sections = {
    proof: proofMatrix(document),
    lifecycle: lifecycleSection(document),
    // The lifecycle matrix says more of its checks than their features do.
    features: document.run.kind === 'lifecycle' ? undefined : featureMatrix(document),
    checks: await checksSection(document, context),
    convergence: convergenceSection(document),
    conformance: conformanceSection(document),
    time: timeSection(document),
    environment: environmentSection(document),
  };
  const { run, verdict } = document;
  const title = `${runMarks[verdict].label} ${targetTitle(run.target)} ${architectureText(document)}, ${run.runId}`;
  return renderShell({
    title,
    colour: colours[verdict],
    sections: Object.entries(sections).flatMap(([id, found]) => (found === undefined ? [] : [[id, titles[id] ?? id] as const])),
    home: 'summary',
    main: [summary(document), ...Object.values(sections)],
    footer: html`Gauntlet ${run.gauntlet.version}. The same run as data: <a href="./report.json">report.json</a>,
      <a href="./junit.xml">junit.xml</a>.`,
  });
}

const colours: Readonly<Record<RunDocument['verdict'], string>> = { pass: '1a7f37', fail: 'c3272f', incomplete: 'a06a00' };

const titles: Readonly<Record<string, string>> = {
  lifecycle: 'Lifecycle',
  features: 'Features',
  checks: 'Checks',
  proof: 'Proof',
  convergence: 'Convergence',
  conformance: 'Conformance',
  time: 'Time',
  environment: 'Environment',
};

async function checksSection(document: RunDocument, context: RenderContext): Promise<Markup | undefined> {
  if (document.checks.length === 0) return undefined;
  const reader = evidenceReader(context);
  const pages: Content[] = [];
  for (const check of byUrgency(worstCellsFirst(document))) pages.push(await checkPage(document, check, reader));
  return section('checks', 'Checks', plural(document.checks.length, 'check'), [
    filterBar(document),
    html`<div class="panel checks">${pages}</div>`,
  ]);
}

function worstCellsFirst(document: RunDocument): RunDocument['checks'] {
  const cells = worstCells(cellsOf(document));
  return cells.length === 0 ? document.checks : cells.map(({ check }) => check);
}

/** Hidden until the script that it needs has started. */
function filterBar({ counts, checks }: RunDocument): Markup {
  const shown = verdictsByUrgency.filter((verdict) => counts[verdict] > 0);
  const flaky = checks.filter((check) => check.flaky).length;
  const button = (value: string, label: string, count: number): Markup =>
    html`<button type="button" data-filter="${value}" aria-pressed="false">${label} <b>${count}</b></button>`;
  return html`<div class="filter" role="search" aria-label="Filter checks" hidden>
    <input
      type="search"
      id="search"
      placeholder="Filter by id, title or text  /"
      aria-label="Filter checks by text"
      autocomplete="off"
      spellcheck="false"
    />
    <div class="filters" role="group" aria-label="Verdicts">
      ${shown.map((verdict) => button(verdict, verdictMarks[verdict].label, counts[verdict]))}${flaky > 0 ? button('flaky', 'flaky', flaky) : undefined}
    </div>
    <p id="shown" role="status"></p>
  </div>`;
}
