// SPDX-License-Identifier: Apache-2.0
import type { Bin, CellResult } from '../../harness/lifecycle/cell-result.ts';
import { plural } from '../format.ts';
import { offset } from '../lifecycle/words.ts';
import { html, trusted, type Content, type Markup } from './markup.ts';
import { percent } from './parts.ts';

/** Heights in pixels: numbers of the marks, bars of the forbidden above the axis, bars of the allowed below it, times. */
const top = 20;
const forbiddenHeight = 72;
const allowedHeight = 36;
const axis = top + forbiddenHeight;
const bottom = axis + allowedHeight;
const height = bottom + 18;

/** As wide as bins get; of a single one nothing else is known. */
const widestBinMs = 200;
const tickSteps = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000];
const mostTicks = 6;
/** Numbers of marks that are nearer than this part of the width share one label. */
const labelRoom = 0.035;

/** Requests over the time since the event: forbidden ones above the axis, allowed ones below, and what happened as lines across. */
export function cellTimeline(id: string, result: CellResult): Markup {
  const scale = scaleOf(result);
  const { leak, outage, watch, bins } = result;
  return html`<figure class="timeline cell-time">
    <svg width="100%" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
      <title id="${id}-title">Requests by time since the event</title>
      <desc id="${id}-desc">${description(result, scale.binMs)}</desc>
      <svg y="${top}" width="100%" height="${forbiddenHeight + allowedHeight}" viewBox="0 0 ${scale.slots} 108" preserveAspectRatio="none">
        ${bars(bins, scale)}
      </svg>
      ${leak?.spells.map(({ fromMs, toMs }) => band('leak', scale.at(fromMs), scale.at(toMs), top, forbiddenHeight))}
      ${outage?.spells.map(({ fromMs, toMs }) => band('lack', scale.at(fromMs), scale.at(toMs), axis, allowedHeight))}
      ${watch.fromMs > scale.fromMs ? html`<rect class="unwatched" y="${top}" width="${percent(scale.at(watch.fromMs))}" height="${bottom - top}" />` : undefined}
      <line class="axis" x2="100%" y1="${axis}" y2="${axis}" />
      ${markLines(result, scale)} ${ticks(scale)}
    </svg>
    ${legend(result, scale)}
  </figure>`;
}

interface Scale {
  readonly fromMs: number;
  readonly binMs: number;
  /** Width of the picture in bins. */
  readonly slots: number;
  /** A time as a part of the width. */
  readonly at: (ms: number) => number;
}

function scaleOf({ bins, marks }: CellResult): Scale {
  const steps = bins.slice(1).map(({ fromMs }, index) => fromMs - (bins[index]?.fromMs ?? fromMs));
  const binMs = Math.min(widestBinMs, ...steps.filter((ms) => ms >= 1));
  const times = [...bins.flatMap(({ fromMs }) => [fromMs, fromMs + binMs]), ...marks.map(({ atMs }) => atMs), 0];
  const fromMs = Math.floor(Math.min(...times) / binMs) * binMs;
  const slots = Math.max(1, Math.ceil((Math.max(...times) - fromMs) / binMs));
  return { fromMs, binMs, slots, at: (ms) => (ms - fromMs) / (slots * binMs) };
}

/** Stacked from the axis outwards: what should not be stands nearest to it. */
function bars(bins: readonly Bin[], { fromMs, binMs }: Scale): Markup {
  const most = (sum: (bin: Bin) => number): number => bins.reduce((highest, bin) => Math.max(highest, sum(bin)), 1);
  const mostForbidden = most(({ denied, passed }) => denied + passed);
  const mostAllowed = most(({ served, failed }) => served + failed);
  const up = (count: number): number => (count / mostForbidden) * forbiddenHeight;
  const down = (count: number): number => (count / mostAllowed) * allowedHeight;
  const path = (className: string, from: (bin: Bin) => number, count: (bin: Bin) => number): string => {
    const steps = bins.flatMap((bin) =>
      count(bin) === 0 ? [] : [`M${(bin.fromMs - fromMs) / binMs} ${round(from(bin))}h1v${round(count(bin))}h-1z`],
    );
    return steps.length === 0 ? '' : `<path class="${className}" d="${steps.join('')}"/>`;
  };
  // Numbers only, so there is nothing to escape.
  return trusted(
    [
      path(
        'passed',
        () => forbiddenHeight,
        ({ passed }) => -up(passed),
      ),
      path(
        'denied',
        ({ passed }) => forbiddenHeight - up(passed),
        ({ denied }) => -up(denied),
      ),
      path(
        'failed',
        () => forbiddenHeight,
        ({ failed }) => down(failed),
      ),
      path(
        'served',
        ({ failed }) => forbiddenHeight + down(failed),
        ({ served }) => down(served),
      ),
    ].join(''),
  );
}

function band(className: string, from: number, to: number, y: number, bandHeight: number): Markup {
  return html`<rect class="${className}" x="${percent(from)}" y="${y}" width="${percent(to - from)}" height="${bandHeight}" />`;
}

function markLines({ marks }: CellResult, scale: Scale): Content {
  const lines = marks.map(({ atMs, kind, text }) => {
    const x = percent(scale.at(atMs));
    return html`<line class="mark ${kind}" x1="${x}" x2="${x}" y1="${top - 4}" y2="${bottom}"
      ><title>${offset(atMs)}: ${text}</title></line
    >`;
  });
  const labels: { readonly at: number; readonly first: number; last: number }[] = [];
  marks.forEach(({ atMs }, index) => {
    const at = scale.at(atMs);
    const before = labels.at(-1);
    if (before !== undefined && at - before.at < labelRoom) before.last = index + 1;
    else labels.push({ at, first: index + 1, last: index + 1 });
  });
  return [
    lines,
    labels.map(({ at, first, last }) => html`<text x="${percent(at)}" y="11">${first === last ? first : `${first}–${last}`}</text>`),
  ];
}

function ticks({ fromMs, binMs, slots, at }: Scale): Content {
  const span = slots * binMs;
  const step = tickSteps.find((one) => span / one <= mostTicks) ?? span;
  const first = Math.ceil(fromMs / step);
  const count = Math.floor((fromMs + span) / step) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step).map((ms) => {
    const side = at(ms) < 0.03 ? 'start' : at(ms) > 0.97 ? 'end' : 'middle';
    return html`<text x="${percent(at(ms))}" y="${bottom + 14}" text-anchor="${side}">${offset(ms)}</text>`;
  });
}

function legend({ bins, leak, outage }: CellResult, { binMs }: Scale): Markup {
  const has = (count: (bin: Bin) => number): boolean => bins.some((bin) => count(bin) > 0);
  const entries: readonly (readonly [string, string, boolean])[] = [
    ['denied', 'forbidden, denied', true],
    ['passed', 'forbidden, at the backend', has(({ passed }) => passed)],
    ['served', 'allowed, served', true],
    ['failed', 'allowed, not served', has(({ failed }) => failed)],
    ['leak', 'leak', leak !== undefined],
    ['lack', 'outage', outage !== undefined],
  ];
  return html`<figcaption>
    <ul class="legend">
      ${entries.map(([className, text, isShown]) =>
        isShown
          ? html`<li>
              <svg width="10" height="10" aria-hidden="true"><rect class="${className}" width="10" height="10" /></svg>${text}
            </li>`
          : undefined,
      )}
    </ul>
    <span>one bar for ${binMs} ms; grey: before the watch; numbers: marks in the table</span>
  </figcaption>`;
}

function description({ bins, leak, outage, marks, watch }: CellResult, binMs: number): string {
  const sum = (count: (bin: Bin) => number): number => bins.reduce((total, bin) => total + count(bin), 0);
  return [
    `Watched from ${offset(watch.fromMs)} to ${offset(watch.toMs)}, in bars of ${binMs} ms.`,
    `Forbidden: ${sum(({ denied }) => denied)} denied, ${sum(({ passed }) => passed)} at the backend, also before the watch.`,
    `Allowed: ${sum(({ served }) => served)} served, ${sum(({ failed }) => failed)} not.`,
    ...(leak?.spells ?? []).map(({ fromMs, toMs }) => `Leak from ${offset(fromMs)} to ${offset(toMs)}.`),
    ...(outage?.spells ?? []).map(({ fromMs, toMs }) => `Outage from ${offset(fromMs)} to ${offset(toMs)}.`),
    `${plural(marks.length, 'mark')}, listed in the table below.`,
  ].join(' ');
}

const round = (value: number): number => Math.round(value * 10) / 10;
