// SPDX-License-Identifier: Apache-2.0
import type { TrendEntry } from './entry.ts';

/** One number over the runs of one machine, oldest first. */
export interface TrendSeries {
  readonly machine: string;
  readonly id: string;
  readonly unit: TrendEntry['values'][number]['unit'];
  readonly points: readonly { readonly runId: string; readonly target: string; readonly value: number }[];
}

/** The series of a trend: numbers of different machines or architectures are never in one. */
export function seriesOf(entries: readonly TrendEntry[]): readonly TrendSeries[] {
  const points = entries
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .flatMap(({ machine: { processor, cores, architecture }, runId, target, values }) =>
      values.map(({ id, unit, value }) => ({
        machine: `${processor}, ${cores} cores, ${architecture}`,
        id,
        unit,
        point: { runId, target, value },
      })),
    );
  return [...Map.groupBy(points, ({ machine, id, unit }) => JSON.stringify([machine, id, unit])).values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ machine: first.machine, id: first.id, unit: first.unit, points: group.map(({ point }) => point) }];
  });
}
