// SPDX-License-Identifier: Apache-2.0
import type { Mark } from '../format.ts';
import { html, type Content, type Markup } from './markup.ts';

/** An outcome as symbol and word, coloured by its class. */
export function badge(outcome: string, { symbol, label }: Mark): Markup {
  return html`<span class="badge ${outcome}"><span class="symbol" aria-hidden="true">${symbol}</span>${label}</span>`;
}

/** A small remark beside a name. */
export function tag(text: string, kind = ''): Markup {
  return html`<span class="tag ${kind}">${text}</span>`;
}

/** A section of the page with its heading and anchor. */
export function section(id: string, title: string, remark: Content, body: Content): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <header class="section-head">
      <h2 id="${id}-title">${title}</h2>
      ${remark === undefined ? undefined : html`<p>${remark}</p>`}
    </header>
    ${body}
  </section>`;
}

/** A command to be copied. */
export function command(text: string): Markup {
  return html`<div class="command">
    <pre><code>${text}</code></pre>
    <button type="button" class="copy" hidden>Copy</button>
  </div>`;
}

/** Names and values. */
export function facts(entries: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="facts">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A position on a drawing as a percentage of its width. */
export function percent(fraction: number): string {
  return `${(Math.min(1, Math.max(0, Number.isFinite(fraction) ? fraction : 0)) * 100).toFixed(2)}%`;
}
