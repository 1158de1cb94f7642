// SPDX-License-Identifier: Apache-2.0
import { plural } from '../format.ts';
import type { ComparedCheck, Comparison } from './compare.ts';

/** A comparison as plain text: what differs, a check a line and a run a column, and how much is the same. */
export function printComparison({ runs, same, different, unknown }: Comparison): string {
  const cells = (check: ComparedCheck): readonly string[] => [check.id, ...check.outcomes.map((outcome) => outcome ?? '-')];
  const rows = [['', ...runs], ...different.map(cells)];
  const widths = [0, ...runs].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [
    ...(different.length === 0 ? [] : [...table, '']),
    `${plural(same.length, 'check')} the same, ${different.length} different, ${unknown.length} of which fewer than two runs know`,
  ].join('\n');
}

/** Every check with what it came to in each run, as comma-separated values: to be kept, and to be counted by other tools. Ids and outcomes have no commas. */
export function comparisonAsCsv({ runs, same, different, unknown }: Comparison): string {
  const checks = [...same, ...different, ...unknown].toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const rows = [['id', ...runs], ...checks.map(({ id, outcomes }) => [id, ...outcomes.map((outcome) => outcome ?? '')])];
  return rows.map((row) => row.join(',')).join('\n');
}
