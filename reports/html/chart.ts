// SPDX-License-Identifier: Apache-2.0
import { scaleLinear, scaleLog } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { Axis, Chart, Series } from '../../harness/bench/measurement.ts';
import { html, type Markup } from './markup.ts';

/** A chart as it is drawn. `frontier` joins the highest points so far, from left to right, in steps. */
export interface Drawing extends Omit<Chart, 'form'> {
  readonly form: Chart['form'] | 'frontier';
}

/** How large a drawing is, in units of its own, with the margins within. */
export interface DrawingSize {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** As wide as the column. */
const wholeWidth: DrawingSize = { width: 720, height: 260, left: 64, right: 16, top: 12, bottom: 40 };

/** For two side by side. */
export const halfWidth: DrawingSize = { width: 440, height: 250, left: 60, right: 14, top: 12, bottom: 42 };

/** How a {@link Drawing} fits in. */
export interface DrawingOptions {
  /** {@link wholeWidth} by default. */
  readonly size?: DrawingSize;
  /** Points that the axes must have room for beside the chart's own, so that several can be compared. */
  readonly room?: readonly Point[];
}

type Point = Series['points'][number];

const tickCount = 6;
/** Less than that is nothing to draw: what divides by it is not finite any more. */
export const tooLittle = 1e-100;

/** A chart as a drawing with its axes and a legend; every point says its values. */
export function chartFigure(id: string, chart: Drawing, { size = wholeWidth, room = [] }: DrawingOptions = {}): Markup | undefined {
  const points = chart.series.flatMap((series) => series.points);
  if (points.length === 0) return undefined;
  const shown = [...points, ...room];
  const x = scaleOf(
    chart.x,
    shown.map(([at]) => at),
    [size.left, size.width - size.right],
  );
  const y = scaleOf(
    chart.y,
    shown.map(([, at]) => at),
    [size.height - size.bottom, size.top],
  );
  return html`<figure class="chart ${chart.form}">
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title">
      <title id="${id}-title">${chart.title}</title>
      ${y
        .ticks(tickCount)
        .map(
          (tick) =>
            html`<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y(tick)}" y2="${y(tick)}" />
              <text class="tick y" x="${size.left - 8}" y="${y(tick)}">${tickText(tick)}</text>`,
        )}
      ${ticksOf(x, chart, shown).map(
        (tick) => html`<text class="tick x" x="${x(tick)}" y="${size.height - size.bottom + 16}">${tickText(tick)}</text>`,
      )}
      <text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 4}">${chart.x.title}</text>
      ${chart.series.map((series, index) => seriesMarks(series, index, chart.form, { x, y, right: size.width - size.right }))}
    </svg>
    <figcaption>
      <span>${chart.title}; ${chart.y.title}</span>
      <span class="legend">${chart.series.map(({ name }, index) => html`<span class="series-${index % 4}">${name}</span>`)}</span>
    </figcaption>
  </figure>`;
}

type Scale = ReturnType<typeof scaleOf>;

/** Both scales, and where the drawing ends on the right. */
interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
}

function scaleOf({ scale = 'linear' }: Axis, values: readonly number[], range: readonly [number, number]) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (scale === 'logarithmic' && least > tooLittle) return scaleLog([least, most === least ? least * 2 : most], range);
  // A chart that does not begin at 0 makes much of little.
  const bottom = Math.min(0, least);
  return scaleLinear([bottom, most - bottom < tooLittle ? bottom + 1 : most], range).nice(tickCount);
}

/** Where the values are few, they themselves: 1, 16, 32 and 512 connections; of many 0.1, 0.5, 1, 5, ... */
function ticksOf(scale: Scale, { x, form }: Drawing, points: readonly Point[]): readonly number[] {
  const values = [...new Set(points.map(([at]) => at))];
  if (x.scale !== 'logarithmic') return scale.ticks(tickCount);
  if (values.length <= tickCount && form !== 'frontier') return values;
  const round = scale.ticks().filter((tick) => /^[15]e/.test(tick.toExponential()));
  return round.length >= 2 ? round : [Math.min(...values), Math.max(...values)];
}

function seriesMarks({ name, points }: Series, index: number, form: Drawing['form'], { x, y, right }: Axes): Markup {
  const path = pathOf(points, form, { x, y, right });
  return html`<g class="series-${index % 4}">
    ${path === '' ? undefined : html`<path d="${path}" />`}
    ${points.map(
      ([at, value]) =>
        html`<circle cx="${x(at)}" cy="${y(value)}" r="${form === 'line' ? 2.5 : 3.5}"
          ><title>${name}: ${tickText(at)}, ${tickText(value)}</title></circle
        >`,
    )}
  </g>`;
}

function pathOf(points: readonly Point[], form: Drawing['form'], { x, y, right }: Axes): string {
  if (form === 'scatter') return '';
  const drawn = (form === 'frontier' ? highestSoFar(points) : points).map(([at, value]): [number, number] => [x(at), y(value)]);
  if (form === 'line') return line()(drawn) ?? '';
  // What was reached within a limit is reached within every higher one.
  return line().curve(curveStepAfter)([...drawn, ...drawn.slice(-1).map(([, level]): [number, number] => [right, level])]) ?? '';
}

/** From left to right the points that are higher than all before. */
export function highestSoFar(points: readonly Point[]): readonly Point[] {
  let most = -Infinity;
  return points
    .toSorted(([a, low], [b, high]) => a - b || high - low)
    .filter(([, value]) => {
      const isHigher = value > most;
      most = Math.max(most, value);
      return isHigher;
    });
}

const tickText = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
