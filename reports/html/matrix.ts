// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, RunDocument } from '../../harness/run/document.ts';
import { plural, verdictMarks } from '../format.ts';
import { sabotagedExecutions } from '../outcome.ts';
import { outcomeBadge } from './check.ts';
import { anchor, html, type Markup } from './markup.ts';
import { section } from './parts.ts';

/** Every check by feature, at a glance. */
export function featureMatrix(document: RunDocument): Markup | undefined {
  if (document.checks.length === 0) return undefined;
  const features = Object.entries(Object.groupBy(document.checks, (check) => check.feature)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows = features.map(([feature, checks = []]) => row(feature, checks));
  return section('features', 'Features', plural(features.length, 'feature'), html`<div class="matrix panel">${rows}</div>`);
}

function row(feature: string, checks: readonly CheckResult[]): Markup {
  return html`<div class="matrix-row">
    <h3>${feature}</h3>
    <ul>
      ${checks.map(cell)}
    </ul>
  </div>`;
}

function cell(check: CheckResult): Markup {
  const { symbol, label } = verdictMarks[check.verdict];
  const word = check.verdict === 'pass' ? html`<span class="unseen">${label}</span>` : html`<small>${label}</small>`;
  return html`<li>
    <a class="cell ${check.verdict}" href="#${anchor('check', check.id)}" title="${check.title}"
      ><span class="symbol" aria-hidden="true">${symbol}</span>${check.id} ${word}</a
    >
  </li>`;
}

/** For `prove`: every check under each of its sabotages. */
export function proofMatrix(document: RunDocument): Markup | undefined {
  const proved = document.checks.filter((check) => sabotagedExecutions(check).length > 0);
  if (proved.length === 0) return undefined;
  const rows = proved.map(
    (check) =>
      html`<div class="matrix-row">
        <h3><a href="#${anchor('check', check.id)}">${check.id}</a></h3>
        <ul class="proofs">
          ${check.executions.map((execution) => html`<li>${outcomeBadge(execution)} <code>${execution.sabotage ?? 'as it is'}</code></li>`)}
        </ul>
      </div>`,
  );
  const remark = 'A check must turn red under each of its sabotages, and be green without.';
  return section('proof', 'Proof', remark, html`<div class="matrix panel">${rows}</div>`);
}
