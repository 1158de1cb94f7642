// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from '../../harness/bench/measurement.ts';

/** What scenarios measured, as a table: a row for each cell, a column for each metric. */
export interface MeasuredTable {
  readonly metrics: readonly string[];
  readonly rows: readonly {
    readonly cell: string;
    /** In the order of the metrics; undefined where a cell has no such number. */
    readonly values: readonly (Measurement | undefined)[];
    /** Why some of its numbers say nothing of the gateway. */
    readonly invalid: string | undefined;
  }[];
}

/** Numbers by cell and metric, both in the order in which they were measured. */
export function tableOf(measurements: readonly Measurement[]): MeasuredTable {
  const metrics = [...new Set(measurements.map(({ metric }) => metric))];
  const rows = [...Map.groupBy(measurements, ({ cell }) => cell)].map(([cell, own]) => ({
    cell,
    values: metrics.map((metric) => own.find((one) => one.metric === metric)),
    invalid: own.find(({ invalid }) => invalid !== undefined)?.invalid,
  }));
  return { metrics, rows };
}

/** A number as a person reads it: `12,345/s`, `0.42 ms`, `4.0 MiB`, `0.010 %`; `–` for what was not measured. */
export function measuredText({ unit, value }: Pick<Measurement, 'unit' | 'value'>): string {
  if (value === null) return '–';
  switch (unit) {
    case 'per second':
      return `${thousands(value)}/s`;
    case 'ms':
      return value >= 10_000 ? `${digits(value / 1000)} s` : `${digits(value)} ms`;
    case 's':
      return `${digits(value)} s`;
    case 'bytes':
      return `${digits(value / 2 ** 20)} MiB`;
    case 'bytes per minute':
      return `${digits(value / 2 ** 20)} MiB/min`;
    case 'share':
      return `${digits(100 * value)} %`;
    case 'count':
      return thousands(value);
  }
}

/** A value with the direct one behind it: `12,345/s (direct 30,000/s)`. */
export function measuredCell(measured: Measurement | undefined): string {
  if (measured === undefined) return '';
  const { unit, direct, invalid } = measured;
  const behind = direct === undefined ? '' : ` (direct ${measuredText({ unit, value: direct })})`;
  return `${measuredText(measured)}${behind}${invalid === undefined ? '' : ' *'}`;
}

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

/** Three significant digits, without an exponent. */
const digits = (value: number): string => (Math.abs(value) >= 100 ? thousands(value) : Number(value.toPrecision(3)).toString());
