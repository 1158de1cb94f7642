// SPDX-License-Identifier: Apache-2.0
import type { CellResult, GeneratorHealth, Leak, LetThrough } from '../../harness/lifecycle/cell-result.ts';
import { formatMs, plural, verdictMarks } from '../format.ts';
import { cellMarks, spanMs, triesWith, type Cell } from './cells.ts';
import { rateInterval, unseenRate } from './rate.ts';

/** What a cell came to, as short as it goes: `held`, `leaked 47 ms`, `OPEN`, `outage 1.2 s`, `could not run`. */
export function shortOutcome({ check, worst }: Cell): string {
  if (worst === undefined) return verdictMarks[check.verdict].label;
  const { label } = cellMarks[worst.verdict];
  if (worst.verdict === 'held' || worst.verdict === 'open') return label;
  return `${label} ${spanMs(worst) === 0 ? plural(requestsOf(worst), 'request') : formatMs(spanMs(worst))}`;
}

/** In how many of several tries: `1 of 3`; undefined for the only one. */
export function shareOfTries(cell: Cell): string | undefined {
  if (cell.tries < 2 || cell.worst === undefined) return undefined;
  return `${triesWith(cell, cell.worst.verdict)} of ${cell.tries}`;
}

/** How much, and for how long: `36 of 2491 over 143 ms`; undefined for a cell that held. */
export function extent(result: CellResult): string | undefined {
  const decisive = result.leak ?? result.outage;
  if (decisive === undefined) return undefined;
  const ms = spanMs(result);
  const { spells } = decisive;
  const times = spells.length === 1 ? '' : `, ${spells.length} times`;
  return `${decisive.requests} of ${decisive.of}${ms === 0 ? '' : ` over ${formatMs(ms)}`}${times}`;
}

/** What a try came to, in sentences. */
export function sentences(result: CellResult): readonly string[] {
  const { leak, letThrough, outage, verdict, watch, healedByRestart } = result;
  const event = result.marks.find(({ kind }) => kind === 'event')?.text;
  const after = event === undefined ? 'after the event' : `after: ${event}`;
  if (leak === undefined && outage === undefined) {
    return [
      `No forbidden request reached the backend from ${offset(watch.fromMs)} to ${offset(watch.toMs)} ${after}. What is allowed was served whenever it should be.`,
    ];
  }
  const said: string[] = [];
  if (leak !== undefined) {
    said.push(`${leak.requests} of ${leak.of} forbidden requests reached the backend, ${when(leak)} ${after}.`);
    said.push(
      leak.whileGreen
        ? 'Meanwhile the API called the policy and its route fine.'
        : 'At no such moment did the API call both the policy and its route fine.',
    );
    if (verdict === 'open') said.push(`It was still open when the watch ended, at ${offset(watch.toMs)}.`);
    if (healedByRestart !== undefined) said.push(healedByRestart ? 'New proxies closed it.' : 'New proxies did not close it.');
  }
  if (letThrough !== undefined) said.push(openedSentence(letThrough));
  if (outage !== undefined) {
    said.push(`${outage.requests} of ${outage.of} allowed requests were not served when they should have been, ${when(outage)} ${after}.`);
    if (leak === undefined) said.push('Nothing forbidden reached the backend.');
  }
  return said;
}

function openedSentence({ requests, uncounted }: LetThrough): string {
  const counted = uncounted === 0 ? 'and all of them are among these' : `and ${uncounted} of them are not among these`;
  return `The server says that it let ${requests} through by force, ${counted}.`;
}

/** What the tries of a cell say about how often it happens; undefined for a single try. */
export function rateSentence(cell: Cell): string | undefined {
  const { results, worst } = cell;
  if (results.length < 2 || worst === undefined) return undefined;
  const tries = plural(results.length, 'try', 'tries');
  if (worst.verdict === 'held') {
    return `Held in each of ${tries}: a fault that shows in fewer than ${share(unseenRate(results.length))} of tries may have gone unseen (95 % confidence).`;
  }
  const seen = triesWith(cell, worst.verdict);
  const { low, high } = rateInterval(seen, results.length);
  return `${cellMarks[worst.verdict].label} in ${seen} of ${tries}: ${share(seen / results.length)} (95 % confidence: ${share(low)} to ${share(high)}).`;
}

/** How surely openings would have been seen: `of 5 ms with 92 %, of 50 ms with 99.8 %`. */
export function detectionSentence({ detection }: CellResult): string {
  const parts = Object.entries(detection).map(([ms, probability]) => `of ${ms} ms with ${share(probability)}`);
  return `An opening would have been seen: ${parts.join(', ')}.`;
}

/** Whether the generator did what it should have. */
export function generatorSentence({ sent, missed, late99Ms, longestGapMs }: GeneratorHealth): string {
  const part = missed === 0 ? 'none missed' : `${missed} missed (${share(missed / Math.max(1, sent + missed))})`;
  return `${sent} requests sent, ${part}; 99 of 100 no later than ${late99Ms} ms after their time; for at most ${longestGapMs} ms no forbidden one was sent.`;
}

/** Milliseconds since the event, whole, so that marks and requests can be told apart. */
export function offset(ms: number): string {
  // Without a negative zero.
  return `${Math.round(ms) + 0} ms`.replace('-', '−');
}

/** A part as a percentage, rounded down near the whole: 99.96 % is not all. */
export function share(part: number): string {
  if (part >= 1) return '100 %';
  const percent = part * 100;
  return percent > 99 || percent < 1 ? `${percent <= 0 ? 0 : Math.floor(percent * 10) / 10} %` : `${Math.floor(percent)} %`;
}

const requestsOf = ({ leak, outage }: CellResult): number => (leak ?? outage)?.requests ?? 0;

/** Spells that a sentence names one by one. */
const spellsNamed = 3;

function when({ spells }: Pick<Leak, 'spells'>): string {
  const [only] = spells;
  if (only !== undefined && spells.length === 1) {
    const { fromMs, toMs } = only;
    return fromMs === toMs ? offset(fromMs) : `over ${formatMs(toMs - fromMs)}, from ${offset(fromMs)} to ${offset(toMs)}`;
  }
  const named = spells
    .slice(0, spellsNamed)
    .map(({ fromMs, toMs }) => (fromMs === toMs ? `at ${offset(fromMs)}` : `over ${formatMs(toMs - fromMs)} from ${offset(fromMs)}`));
  const more = spells.length - named.length;
  return `${spells.length} times, ${[...named, ...(more === 0 ? [] : [`${more} more`])].join(' and ')}`;
}
