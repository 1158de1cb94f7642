// SPDX-License-Identifier: Apache-2.0
import type { Measurement } from '../../harness/bench/measurement.ts';

/** Limits to the 99th percentile of latency at which a frontier is read, in milliseconds; null is none. As Busbar publishes them. */
export const frontierLimits: readonly (number | null)[] = [1, 5, 10, 50, 100, null];

/** What one cell came to when it was driven as hard as it takes. */
export interface FrontierPoint {
  /** What was varied within its frontier: `16 connections`. */
  readonly cell: string;
  /** 99th percentile of latency, in milliseconds. */
  readonly p99: number;
  /** Requests a second. */
  readonly rate: number;
}

/** The cells that differ in their connections alone, through the gateway and without it. */
export interface Frontier {
  /** What they have in common: `1 KiB`. */
  readonly title: string;
  readonly gateway: readonly FrontierPoint[];
  readonly direct: readonly FrontierPoint[];
  /** Cells that do not count through the gateway: they say nothing of it, or not every request was answered rightly, and what fails fast is not fast. */
  readonly left: readonly string[];
}

/** Frontiers of what a scenario measured at saturation: of cells with a rate and a 99th percentile, by connections. None of other scenarios. */
export function frontiersOf(measurements: readonly Measurement[]): readonly Frontier[] {
  const cells = [...Map.groupBy(measurements, ({ cell }) => cell)].flatMap(([cell, own]) => cellOf(cell, own) ?? []);
  return [...Map.groupBy(cells, ({ title }) => title)].flatMap(([title, own]) => {
    const gateway = own.flatMap(({ through }) => through ?? []);
    const direct = own.flatMap(({ without }) => without ?? []);
    // A single cell is no frontier.
    if (own.length < 2 || gateway.length + direct.length === 0) return [];
    return [{ title, gateway, direct, left: own.flatMap(({ isLeft, name }) => (isLeft ? [name] : [])) }];
  });
}

/**
 * The cell with the highest rate whose 99th percentile is within a limit; undefined if none is. Between the cells that were measured nothing is read: the best of
 * them is what was seen, and no more than that.
 */
export function bestWithin(points: readonly FrontierPoint[], limit: number | null): FrontierPoint | undefined {
  return points.filter(({ p99 }) => limit === null || p99 <= limit).toSorted((a, b) => b.rate - a.rate)[0];
}

/** `16 connections`, also of another protocol's. */
const varied = /^\d+ connections?$/;

function cellOf(cell: string, own: readonly Measurement[]) {
  const parts = cell.split(', ');
  const name = parts.find((part) => varied.test(part));
  const rate = own.find(({ metric, unit }) => metric === 'requests' && unit === 'per second');
  const latency = own.find(({ metric, unit }) => metric === 'p99' && unit === 'ms');
  if (name === undefined || rate === undefined || latency === undefined) return undefined;
  const wrong = own.find(({ metric }) => metric === 'not answered rightly');
  const isLeft = rate.invalid !== undefined || latency.invalid !== undefined || (wrong?.value ?? 0) > 0;
  return {
    title: parts.filter((part) => part !== name).join(', '),
    name,
    isLeft,
    through: isLeft ? undefined : pointOf(name, latency.value, rate.value),
    without: (wrong?.direct ?? 0) > 0 ? undefined : pointOf(name, latency.direct ?? null, rate.direct ?? null),
  };
}

const pointOf = (cell: string, p99: number | null, rate: number | null): FrontierPoint | undefined =>
  p99 === null || rate === null ? undefined : { cell, p99, rate };
