// SPDX-License-Identifier: Apache-2.0
import { closest } from 'fastest-levenshtein';
import { GauntletError } from '../../errors.ts';
import type { TrendEntry } from './entry.ts';

/** A number of one run. */
export interface TrendPoint {
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Gateway and version. */
  readonly target: string;
  /** Processor, cores and architecture. */
  readonly machine: string;
  readonly architecture: string;
  readonly value: number;
  /** The interval, where there is one. */
  readonly low?: number;
  readonly high?: number;
}

/** One number of one gateway over all runs, oldest first; of whatever machines, so that it is not a line. */
export interface TrendNumber {
  /** Without its version. */
  readonly gateway: string;
  readonly id: string;
  readonly unit: TrendEntry['values'][number]['unit'];
  readonly points: readonly TrendPoint[];
}

/** The same over the runs of one machine. */
export interface TrendSeries extends TrendNumber {
  readonly machine: string;
}

/** The numbers of a trend, in the order in which they first came. */
export function numbersOf(entries: readonly TrendEntry[]): readonly TrendNumber[] {
  const told = entries
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .flatMap((entry) =>
      entry.values.map(({ id, unit, ...value }) => ({ gateway: gatewayOf(entry), id, unit, point: { ...pointOf(entry), ...value } })),
    );
  return [...Map.groupBy(told, ({ gateway, id, unit }) => JSON.stringify([gateway, id, unit])).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ gateway: first.gateway, id: first.id, unit: first.unit, points: group.map(({ point }) => point) }];
  });
}

/** The series of a trend: numbers of different gateways, machines or architectures are never in one. */
export function seriesOf(numbers: readonly TrendNumber[]): readonly TrendSeries[] {
  return numbers.flatMap((number) =>
    [...Map.groupBy(number.points, ({ machine }) => machine)].map(([machine, points]) => ({ ...number, machine, points })),
  );
}

/**
 * The numbers whose names hold one of these words; all if there are none.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if a word is in no name.
 */
export function numbersCalled(numbers: readonly TrendNumber[], words: readonly string[]): readonly TrendNumber[] {
  const names = [...new Set(numbers.map(({ id }) => id))];
  for (const word of words) {
    if (names.some((name) => name.includes(word))) continue;
    throw new GauntletError('GAUNTLET_USAGE', `No number of the trend has “${word}” in its name`, {
      hint: `The nearest is “${closest(word, names)}”; gauntlet trend show without names shows all.`,
    });
  }
  return words.length === 0 ? numbers : numbers.filter(({ id }) => words.some((word) => id.includes(word)));
}

const gatewayOf = ({ target }: TrendEntry): string => target.split('@')[0] ?? target;

function pointOf({ runId, startedAt, target, machine: { processor, cores, architecture } }: TrendEntry) {
  return { runId, startedAt, target, architecture, machine: `${processor}, ${cores} cores, ${architecture}` };
}
