// SPDX-License-Identifier: Apache-2.0
import { printable, printableLine } from '../printable.ts';

/** Text cut to a width, with `…` where something is missing. Width counts code points. */
export function fit(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** Text padded to a width with spaces; longer text stays whole. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

/** Number of code points. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** Text from outside in at most `lines` lines of `width`, broken at spaces where there are any; the last one ends in `…` when something is missing. */
export function wrap(text: string, width: number, lines: number): readonly string[] {
  const wrapped = printable(text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => wrapLine(printableLine(line), width));
  if (wrapped.length <= lines) return wrapped;
  const last = wrapped[lines - 1] ?? '';
  return [...wrapped.slice(0, lines - 1), `${fit(last, width - 2).replace(/…$/, '')} …`];
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = Array.from(line);
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 2 ? space : width;
    lines.push(rest.slice(0, end).join(''));
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end);
  }
  return [...lines, rest.join('')];
}

/** Rows in columns as wide as their widest cell; the columns named in `right` are flush right. Styling comes after alignment. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly (readonly string[])[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, lengthOf(cell))));
  return rows.map((row) =>
    row.map((cell, index) => {
      const gap = ' '.repeat((widths[index] ?? 0) - lengthOf(cell));
      return right.includes(index) ? gap + cell : cell + gap;
    }),
  );
}
