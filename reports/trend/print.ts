// SPDX-License-Identifier: Apache-2.0
import type { TrendSeries } from '../../harness/bench/trend/series.ts';
import { measuredText } from '../load/tables.ts';

/** A trend as plain text: each number under its machine, oldest first. */
export function printTrend(series: readonly TrendSeries[]): string {
  return [...Map.groupBy(series, ({ machine }) => machine)]
    .map(([machine, own]) =>
      [machine, ...own.map((one) => `  ${one.id}: ${one.points.map(({ value }) => valueText(one.unit, value)).join(', ')}`)].join('\n'),
    )
    .join('\n\n');
}

const valueText = (unit: TrendSeries['unit'], value: number): string =>
  unit === 'ratio' ? value.toFixed(3) : measuredText({ unit, value });
