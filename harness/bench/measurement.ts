// SPDX-License-Identifier: Apache-2.0

/** What numbers of scenarios count in. */
export const measurementUnits = ['per second', 'ms', 's', 'bytes', 'bytes per minute', 'count', 'share'] as const;

/** One of {@link measurementUnits}; a `share` is from 0 to 1. */
export type MeasurementUnit = (typeof measurementUnits)[number];

/** One number that a scenario came to. What could not be measured is null, never 0. */
export interface Measurement {
  /** What was varied: `16 connections, 1 KiB`. The numbers of one cell are one row of a table. */
  readonly cell: string;
  /** What was measured: `requests`, `p99`. One column of the table. */
  readonly metric: string;
  readonly unit: MeasurementUnit;
  readonly value: number | null;
  /** The same of the backend without the gateway, where that was measured too. */
  readonly direct?: number | null;
  /** Why the number says nothing of the gateway: it was the driver's limit, or it was not reached. */
  readonly invalid?: string;
}

/** A picture of what was measured. */
export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  /** `line` joins the points of a series, `scatter` does not. */
  readonly form: 'line' | 'scatter';
  readonly series: readonly Series[];
}

/** One direction of a {@link Chart}. */
export interface Axis {
  readonly title: string;
  /** `linear` by default. */
  readonly scale?: 'linear' | 'logarithmic';
}

/** Points that belong together. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}
