// SPDX-License-Identifier: Apache-2.0
import { scaleLinear, scaleLog } from 'd3-scale';
import { line } from 'd3-shape';
import type { Axis, Chart, Series } from '../../harness/bench/measurement.ts';
import { html, type Markup } from './markup.ts';

/** In units of the drawing, which is as wide as its column. */
const size = { width: 720, height: 260, left: 64, right: 16, top: 12, bottom: 40 } as const;
const tickCount = 6;

/** A chart as a drawing with its axes and a legend; every point says its values. */
export function chartFigure(id: string, chart: Chart): Markup | undefined {
  const points = chart.series.flatMap((series) => series.points);
  if (points.length === 0) return undefined;
  const x = scaleOf(
    chart.x,
    points.map(([at]) => at),
    [size.left, size.width - size.right],
  );
  const y = scaleOf(
    chart.y,
    points.map(([, at]) => at),
    [size.height - size.bottom, size.top],
  );
  return html`<figure class="chart">
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title">
      <title id="${id}-title">${chart.title}</title>
      ${y
        .ticks(tickCount)
        .map(
          (tick) =>
            html`<line class="grid" x1="${size.left}" x2="${size.width - size.right}" y1="${y(tick)}" y2="${y(tick)}" />
              <text class="tick y" x="${size.left - 8}" y="${y(tick)}">${tickText(tick)}</text>`,
        )}
      ${ticksOf(x, chart.x, points).map(
        (tick) => html`<text class="tick x" x="${x(tick)}" y="${size.height - size.bottom + 16}">${tickText(tick)}</text>`,
      )}
      <text class="axis-title" x="${(size.left + size.width - size.right) / 2}" y="${size.height - 4}">${chart.x.title}</text>
      ${chart.series.map((series, index) => seriesMarks(series, index, chart, x, y))}
    </svg>
    <figcaption>
      <span>${chart.title}; ${chart.y.title}</span>
      <span class="legend">${chart.series.map(({ name }, index) => html`<span class="series-${index % 4}">${name}</span>`)}</span>
    </figcaption>
  </figure>`;
}

type Scale = ReturnType<typeof scaleOf>;

function scaleOf({ scale = 'linear' }: Axis, values: readonly number[], range: readonly [number, number]) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  // A chart that does not begin at 0 makes much of little.
  return scale === 'logarithmic' && least > 0
    ? scaleLog([least, most === least ? least * 2 : most], range)
    : scaleLinear([Math.min(0, least), most === 0 ? 1 : most], range).nice(tickCount);
}

/** Where the values are few, they themselves: 1, 16, 32 and 512 connections. */
function ticksOf(scale: Scale, { scale: kind }: Axis, points: readonly (readonly [number, number])[]): readonly number[] {
  const values = [...new Set(points.map(([at]) => at))];
  return kind === 'logarithmic' && values.length <= tickCount ? values : scale.ticks(tickCount);
}

function seriesMarks({ name, points }: Series, index: number, { form }: Chart, x: Scale, y: Scale): Markup {
  const path =
    line<readonly [number, number]>()
      .x(([at]) => x(at))
      .y(([, at]) => y(at))([...points]) ?? '';
  return html`<g class="series-${index % 4}">
    ${form === 'line' ? html`<path d="${path}" />` : undefined}
    ${points.map(
      ([at, value]) =>
        html`<circle cx="${x(at)}" cy="${y(value)}" r="${form === 'line' ? 2.5 : 3.5}"
          ><title>${name}: ${tickText(at)}, ${tickText(value)}</title></circle
        >`,
    )}
  </g>`;
}

const tickText = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
