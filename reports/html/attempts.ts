// SPDX-License-Identifier: Apache-2.0
import type { ExecutionResult } from '../../harness/run/document.ts';
import { formatMs, plural } from '../format.ts';
import { html, type Markup } from './markup.ts';
import { percent } from './parts.ts';

type Attempt = ExecutionResult['attempts'][string][number];

const marksShown = 400;

/** When each attempt at an expectation was made and whether it held: bars above the line held, bars below did not. */
export function attemptsTimeline(expectation: string, attempts: readonly Attempt[]): Markup {
  const start = attempts[0]?.at ?? 0;
  const end = attempts.reduce((latest, attempt) => Math.max(latest, attempt.at + attempt.durationMs), start);
  const held = attempts.filter((attempt) => attempt.ok).length;
  const failed = attempts.length - held;
  const summary = `${plural(attempts.length, 'attempt')} in ${formatMs(end - start)}: ${held} held, ${failed} did not`;
  return html`<figure class="timeline">
    <figcaption><b>${expectation}</b> <span>${summary}</span></figcaption>
    <svg width="100%" height="34" role="img" aria-label="${summary}">
      <line class="axis" x1="0" x2="100%" y1="17" y2="17" />
      ${shownOf(attempts).map(({ attempt, number }) => attemptMark(attempt, number, start, end))}
    </svg>
    <div class="scale" aria-hidden="true"><span>0</span><span>▲ held ▼ did not</span><span>${formatMs(end - start)}</span></div>
  </figure>`;
}

function attemptMark(attempt: Attempt, number: number, start: number, end: number): Markup {
  const position = percent(((attempt.at - start) / Math.max(1, end - start)) * 0.99);
  const saw = attempt.ok ? 'held' : (attempt.actual ?? 'did not hold');
  return html`<rect class="${attempt.ok ? 'held' : 'broken'}" x="${position}" y="${attempt.ok ? 3 : 19}" width="3" height="12" rx="1"
    ><title>attempt ${number} at ${formatMs(attempt.at - start)}, ${formatMs(attempt.durationMs)}: ${saw}</title></rect
  >`;
}

/** All of few attempts; of many an even choice, and every one that came out otherwise than the one before. */
function shownOf(attempts: readonly Attempt[]): readonly { readonly attempt: Attempt; readonly number: number }[] {
  const step = Math.ceil(attempts.length / marksShown);
  return attempts
    .map((attempt, index) => ({ attempt, number: index + 1 }))
    .filter(({ attempt }, index) => index % step === 0 || index === attempts.length - 1 || attempt.ok !== attempts[index - 1]?.ok);
}
