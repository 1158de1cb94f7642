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
