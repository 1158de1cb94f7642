// SPDX-License-Identifier: Apache-2.0
import type { RunDocument } from '../../harness/run/document.ts';
import { plural } from '../format.ts';
import { cellCounts, cellMarks, cellsOf, worstCells } from '../lifecycle/cells.ts';
import { extent, shareOfTries } from '../lifecycle/words.ts';
import { printableLine } from '../printable.ts';
import { row, type Canvas } from './canvas.ts';
import { columns } from './layout.ts';
import { cellRoles, outcomeRoles } from './style.ts';

const cellsShown = 60;

/** The cells of the lifecycle matrix that did not hold, a line each, the worst first. */
export function cellLines(document: RunDocument, { style }: Canvas): readonly string[] {
  const bad = worstCells(cellsOf(document)).flatMap((cell) =>
    cell.worst === undefined || cell.worst.verdict === 'held' ? [] : [{ ...cell, worst: cell.worst }],
  );
  const shown = bad.slice(0, cellsShown);
  const aligned = columns(
    shown.map((cell) => {
      const { worst, check } = cell;
      const tries = shareOfTries(cell);
      return [
        cellMarks[worst.verdict].label,
        printableLine(check.id),
        extent(worst) ?? '',
        [
          ...(tries === undefined ? [] : [`in ${tries} tries`]),
          ...(worst.leak === undefined
            ? []
            : [worst.leak.whileGreen ? 'while the API called it fine' : 'not while the API called it fine']),
          ...(check.verdict === 'known-gap' ? ['known gap'] : []),
        ].join(', '),
      ];
    }),
  );
  const lines = aligned.map(([label = '', id = '', amount = '', remark = ''], index) => {
    const verdict = shown[index]?.worst.verdict ?? 'held';
    return `${style(cellRoles[verdict], label)}  ${style('strong', id)}  ${amount}  ${style('quiet', remark.trimEnd())}`.trimEnd();
  });
  const more = bad.length - shown.length;
  return more === 0 ? lines : [...lines, style('quiet', `and ${plural(more, 'more cell')}, in the report`)];
}

/** How many cells came to what; undefined for a run that is not about cells. */
export function cellCountLine(document: RunDocument, canvas: Canvas): string | undefined {
  const cells = cellsOf(document);
  if (cells.length === 0) return undefined;
  const { verdicts, none } = cellCounts(cells);
  const parts = verdicts.map(([verdict, count]) => canvas.style(cellRoles[verdict], `${count} ${cellMarks[verdict].label}`));
  if (none > 0) parts.push(canvas.style(outcomeRoles['could-not-run'], `${none} without a result`));
  return row('cells', parts.join(', '), canvas);
}
