// SPDX-License-Identifier: Apache-2.0
import type { TrendPoint, TrendSeries } from '../../harness/bench/trend/series.ts';
import { measuredText } from '../load/tables.ts';

/** A trend as plain text: each number under its gateway and machine, oldest first. */
export function printTrend(series: readonly TrendSeries[]): string {
  return [...Map.groupBy(series, ({ gateway, machine }) => `${gateway} on ${machine}`)]
    .map(([head, own]) =>
      [head, ...own.map(({ id, unit, points }) => `  ${id}: ${points.map((point) => pointText(unit, point)).join(', ')}`)].join('\n'),
    )
    .join('\n\n');
}

/** A value as a person reads it, with its interval where it has one. */
export function pointText(unit: TrendSeries['unit'], { value, low, high }: Pick<TrendPoint, 'value' | 'low' | 'high'>): string {
  const interval = low === undefined || high === undefined ? '' : ` (${valueText(unit, low)} to ${valueText(unit, high)})`;
  return `${valueText(unit, value)}${interval}`;
}

const valueText = (unit: TrendSeries['unit'], value: number): string =>
  unit === 'ratio' ? value.toFixed(3) : measuredText({ unit, value });
