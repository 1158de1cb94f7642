// SPDX-License-Identifier: Apache-2.0
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { TrendNumber, TrendPoint } from '../../harness/bench/trend/series.ts';
import { tooLittle } from '../html/chart.ts';
import { html, type Markup } from '../html/markup.ts';
import { measuredText } from '../load/tables.ts';
import { pointText } from './print.ts';

const size = { width: 440, height: 210, left: 70, right: 14, top: 20, bottom: 28 } as const;
const tickCount = 5;
const datesShown = 4;
/** Of what a mark says. */
const labelWidth = 64;
/** By so much a candidate may be worse. */
const tolerated = 1.05;

/**
 * One number over the runs, oldest first: each with its interval, runs of one machine that follow each other joined. Where the machine changes, nothing is joined and a
 * line stands.
 *
 * @param machines - all of the page, so that each has one colour everywhere
 */
export function trendFigure(id: string, { id: name, unit, points }: TrendNumber, machines: readonly string[]): Markup {
  const y = scaleOf(unit, points);
  const at = (index: number): number => size.left + ((index + 0.5) / points.length) * (size.width - size.left - size.right);
  const level = (value: number): number => y(value);
  const limits = unit === 'ratio' ? [1, tolerated] : [];
  return html`<figure class="chart trend">
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title">
      <title id="${id}-title">${name}, ${points.length === 1 ? '1 run' : `${points.length} runs`}</title>
      ${y
        .ticks(tickCount)
        .map(
          (tick) =>
            html`<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${level(tick)}" y2="${level(tick)}" />
              <text class="tick y" x="${size.left - 8}" y="${level(tick)}">${tickText(unit, tick)}</text>`,
        )}
      ${limits.map(
        (limit) =>
          html`<line
            class="${limit === 1 ? 'axis' : 'limit'}"
            x1="${size.left}"
            x2="${size.width - size.right}"
            y1="${level(limit)}"
            y2="${level(limit)}"
          />`,
      )}
      ${datesOf(points).map(([index, date]) => html`<text class="tick x" x="${at(index)}" y="${size.height - 8}">${date}</text>`)}
      ${changeMarks(changesOf(points).map(([index, what]) => [(at(index - 1) + at(index)) / 2, what]))}
      ${segmentsOf(points).map((segment) => html`<g class="series-${machines.indexOf(segment[0]?.point.machine ?? '') % 4}">${segmentMarks(segment, { unit, at, level })}</g>`)}
    </svg>
    <figcaption>
      <span>${name}${unit === 'ratio' ? '; how many times as bad as the baseline, dashed what is tolerated' : ''}</span>
    </figcaption>
  </figure>`;
}

/** A point and which of the runs it is. */
interface Placed {
  readonly index: number;
  readonly point: TrendPoint;
}

/** Runs that follow each other on one machine. */
export function segmentsOf(points: readonly TrendPoint[]): readonly (readonly Placed[])[] {
  const segments: Placed[][] = [];
  for (const [index, point] of points.entries()) {
    const last = segments.at(-1);
    if (last?.[0]?.point.machine === point.machine) last.push({ index, point });
    else segments.push([{ index, point }]);
  }
  return segments;
}

/** Before which runs the machine is another one, and what of it. */
export function changesOf(points: readonly TrendPoint[]): readonly (readonly [index: number, what: string])[] {
  return segmentsOf(points)
    .slice(1)
    .flatMap(([first]) => {
      if (first === undefined) return [];
      const isArchitecture = points[first.index - 1]?.architecture !== first.point.architecture;
      return [[first.index, isArchitecture ? first.point.architecture : 'machine'] as const];
    });
}

interface Places {
  readonly unit: TrendNumber['unit'];
  readonly at: (index: number) => number;
  readonly level: (value: number) => number;
}

function segmentMarks(segment: readonly Placed[], { unit, at, level }: Places): Markup {
  const path = line()(segment.map(({ index, point }): [number, number] => [at(index), level(point.value)])) ?? '';
  return html`${segment.length > 1 ? html`<path d="${path}" />` : undefined}
  ${segment.map(({ index, point }) => {
    const { low, high, runId, target, machine, value } = point;
    return html`${low === undefined || high === undefined ? undefined : html`<line class="interval" x1="${at(index)}" x2="${at(index)}" y1="${level(low)}" y2="${level(high)}" />`}
      <circle cx="${at(index)}" cy="${level(value)}" r="3"
        ><title>${runId}, ${target}: ${pointText(unit, point)}; ${machine}</title></circle
      >`;
  })}`;
}

/** A line for each change, with what it was where there is room for that. */
function changeMarks(changes: readonly (readonly [x: number, what: string])[]): readonly Markup[] {
  let free = 0;
  return changes.map(([x, what]) => {
    const isRoom = x >= free;
    if (isRoom) free = x + labelWidth;
    return html`<line class="mark" x1="${x}" x2="${x}" y1="${size.top - 6}" y2="${size.height - size.bottom}"><title>${what}</title></line>
      ${isRoom ? html`<text class="tick" x="${x + 3}" y="${size.top - 8}">${what}</text>` : undefined}`;
  });
}

function scaleOf(unit: TrendNumber['unit'], points: readonly TrendPoint[]) {
  const values = points.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const range = [size.height - size.bottom, size.top];
  // Twice as bad is as far from 1 as twice as good.
  const span = Math.max(tolerated, ...values.flatMap((value) => [value, 1 / value])) * 1.01;
  if (unit === 'ratio' && values.every((value) => value > 0) && Number.isFinite(span)) return scaleLog([1 / span, span], range);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  return scaleLinear([least, most - least < tooLittle ? least + 1 : most], range).nice(tickCount);
}

/** The days of some runs: the first, the last, and some between. */
function datesOf(points: readonly TrendPoint[]): readonly (readonly [index: number, date: string])[] {
  const step = Math.max(1, Math.ceil((points.length - 1) / (datesShown - 1)));
  return points.flatMap(({ startedAt }, index) =>
    index % step === 0 ? [[index, new Date(startedAt).toISOString().slice(5, 10)] as const] : [],
  );
}

const tickText = (unit: TrendNumber['unit'], value: number): string =>
  unit === 'ratio' ? String(Number(value.toPrecision(4))) : measuredText({ unit, value });
