// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { formatInstant, formatMs, plural, runMarks, verdictMarks, verdictsByUrgency } from '../format.ts';
import { architectureText, convergences, median, proofCounts, slowest, targetTitle, waits } from '../outcome.ts';
import { lifecycleNumbers } from './lifecycle.ts';
import { anchor, html, type Content, type Markup } from './markup.ts';
import { command, percent } from './parts.ts';

/** What the run comes to: verdict, what it was about, the counts, and errors of the harness. */
export function summary(document: RunDocument): Markup {
  const { run, verdict } = document;
  const mark = runMarks[verdict];
  return html`<section id="summary" class="hero" aria-labelledby="summary-title">
    <p class="verdict ${verdict}"><span class="symbol" aria-hidden="true">${mark.symbol}</span>${mark.label}</p>
    <div class="about">
      <h1 id="summary-title">${targetTitle(run.target)} <span>on ${architectureText(document)}</span></h1>
      <ul class="meta">
        <li><code>${run.runId}</code></li>
        <li>${formatInstant(run.startedAt)}</li>
        <li>${run.durationMs === undefined ? 'not finished' : formatMs(run.durationMs)}</li>
        <li>GatewayClass ${run.target.gatewayClass}</li>
        <li>seed ${run.seed}</li>
        <li>${plural(run.jobs, 'job')}</li>
      </ul>
    </div>
    ${document.finished ? undefined : html`<p class="reason could-not-run wide">The run ended before it was finished. What was measured until then is below.</p>`}
    ${document.checks.length === 0 ? undefined : counts(document)}
    <div class="wide">${command(`gauntlet ${run.command}`)}</div>
    ${numbers(document)} ${errors(document)}
  </section>`;
}

function counts({ counts, checks }: RunDocument): Markup {
  const shown = verdictsByUrgency.filter((verdict) => counts[verdict] > 0);
  const flaky = checks.filter((check) => check.flaky).length;
  let before = 0;
  const bars = shown.map((verdict) => {
    const share = counts[verdict] / checks.length;
    const bar = html`<rect class="${verdict}" x="${percent(before)}" width="${percent(share)}" height="8" />`;
    before += share;
    return bar;
  });
  return html`<div class="counts wide">
    <svg width="100%" height="8" aria-hidden="true">${bars}</svg>
    <ul>
      ${shown.map(
        (verdict) =>
          html`<li>
            <a href="#checks" data-show="${verdict}" class="${verdict}"
              ><b>${counts[verdict]}</b>
              <span class="symbol" aria-hidden="true">${verdictMarks[verdict].symbol}</span> ${verdictMarks[verdict].label}</a
            >
          </li>`,
      )}${
        flaky === 0
          ? undefined
          : html`<li>
              <a href="#checks" data-show="flaky" class="warn"><b>${flaky}</b> flaky</a>
            </li>`
      }
    </ul>
  </div>`;
}

function numbers(document: RunDocument): Markup | undefined {
  const entries = [...lifecycleNumbers(document)];
  const proof = proofCounts(document);
  if (proof.proven + proof.unproven + proof.open > 0) {
    entries.push([
      'Sabotages noticed',
      `${proof.proven} of ${proof.proven + proof.unproven + proof.open}`,
      html`<a href="#proof">Proof by check</a>`,
    ]);
  }
  const { atOnce, waited } = waits(document);
  const [longest] = convergences(document);
  if (longest && waited.length > 0) {
    entries.push(['Expectations that held at once', `${atOnce} of ${atOnce + waited.length}`, undefined]);
    entries.push([
      'Median time to converge of the others',
      formatMs(median(waited)),
      html`<a href="#convergence">${waited.length} measured</a>`,
    ]);
    entries.push([
      'Longest time to converge',
      formatMs(longest.maxMs),
      html`<a href="#${anchor('check', longest.check.id)}">${longest.check.id}</a>`,
    ]);
  }
  const [slow] = slowest(document, 1);
  if (slow) entries.push(['Slowest check', formatMs(slow.ms), html`<a href="#${anchor('check', slow.check.id)}">${slow.check.id}</a>`]);
  const profiles = document.conformance?.profiles ?? [];
  for (const { name, core, extended } of profiles) {
    const failed = core.failed + (extended?.failed ?? 0);
    const passed = extended ? `${core.passed} + ${extended.passed}` : String(core.passed);
    const parts = extended ? 'core + extended passed' : 'core passed';
    entries.push([name, passed, failed === 0 ? parts : html`<a href="#conformance">${failed} failed</a>`]);
  }
  if (entries.length === 0) return undefined;
  return html`<dl class="numbers wide">
    ${entries.map(
      ([name, value, remark]) =>
        html`<div>
          <dt>${name}</dt>
          <dd><b>${value}</b> <small>${remark}</small></dd>
        </div>`,
    )}
  </dl>`;
}

function errors({ errors: found }: RunDocument): Content {
  return found.map(
    (error) =>
      html`<div class="error wide" role="note">
        <p><b>Harness error</b> <code>${error.code}</code></p>
        <p>${error.message}</p>
        <p class="hint">${error.hint}</p>
      </div>`,
  );
}
