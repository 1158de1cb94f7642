// SPDX-License-Identifier: Apache-2.0
import type { Problem } from './rule.ts';

/** A README of a folder of reports, as far as upstream's rules speak of it. */
export interface Readme {
  readonly path: string;
  readonly sections: readonly Section[];
  /** Rows of the table of reports; undefined if no table has the four columns. */
  readonly rows: readonly Row[] | undefined;
  readonly problem: (line: number | null, message: string, mend: string) => Problem;
}

/** A heading with all below it, down to the next heading of its level. */
export interface Section {
  readonly title: string;
  readonly line: number;
  readonly body: string;
}

/** A row of the table of reports. */
export interface Row {
  readonly line: number;
  readonly channel: Cell;
  readonly version: Cell;
  readonly mode: Cell;
  readonly report: Cell;
}

/** A cell of a table. */
export interface Cell {
  /** As it is shown: of a link its text. */
  readonly text: string;
  /** Where its first link leads. */
  readonly target: string | undefined;
}

const columnNames = { channel: /channel/i, version: /version/i, mode: /mode/i, report: /report/i } as const;

/** Reads a README, whatever its text is; never throws. */
export function readReadme(path: string, text: string): Readme {
  const written = text.split(/\r?\n/);
  const lines = withoutFences(written);
  const definitions = definitionsOf(lines);
  return {
    path,
    sections: sectionsOf(lines, written),
    rows: rowsOf(lines, definitions),
    problem: (line, message, mend) => ({ message, mend, file: path, line, field: null }),
  };
}

/** The lines with those of code blocks emptied: what begins with # in a shell script is no heading. */
function withoutFences(lines: readonly string[]): readonly string[] {
  let fence: string | undefined;
  return lines.map((line) => {
    const mark = /^\s*(`{3,}|~{3,})(.*)/.exec(line);
    if (fence === undefined) {
      if (mark === null) return line;
      fence = mark[1] ?? '';
      return '';
    }
    if (mark?.[1]?.startsWith(fence) === true && mark[2]?.trim() === '') fence = undefined;
    return '';
  });
}

function sectionsOf(lines: readonly string[], written: readonly string[]): readonly Section[] {
  const headings = lines.flatMap((line, index) => {
    const [, marks, title] = /^ {0,3}(#{1,6})\s+(.*?)[\s#]*$/.exec(line) ?? [];
    return marks === undefined || title === undefined ? [] : [{ level: marks.length, title, index }];
  });
  return headings.map(({ level, title, index }, position) => {
    const next = headings.slice(position + 1).find((heading) => heading.level <= level);
    return {
      title,
      line: index + 1,
      body: written
        .slice(index + 1, next?.index)
        .join('\n')
        .trim(),
    };
  });
}

/** Links that are written at another place: `[v1.0.0]: https://…`. */
function definitionsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = lines.flatMap((line) => {
    const [, label, target] = /^ {0,3}\[([^\]]+)\]:\s*<?(\S+?)>?(?:\s|$)/.exec(line) ?? [];
    return label === undefined || target === undefined ? [] : [[label.toLowerCase(), target] as const];
  });
  return new Map(found);
}

function rowsOf(lines: readonly string[], definitions: ReadonlyMap<string, string>): readonly Row[] | undefined {
  for (const [index, line] of lines.entries()) {
    if (!isDelimiter(lines[index + 1] ?? '')) continue;
    const header = cellsOf(line);
    const at = (pattern: RegExp): number => header.findIndex((cell) => pattern.test(cell));
    const places = {
      channel: at(columnNames.channel),
      version: at(columnNames.version),
      mode: at(columnNames.mode),
      report: at(columnNames.report),
    };
    if (Object.values(places).includes(-1)) continue;
    const end = lines.findIndex((row, number) => number > index + 1 && !row.includes('|'));
    return lines
      .slice(index + 2, end === -1 ? undefined : end)
      .map((row, number) => ({ cells: cellsOf(row), line: index + 3 + number }))
      .filter(({ cells }) => cells.some((cell) => cell !== ''))
      .map(({ cells, line: number }) => {
        const cell = (place: number): Cell => cellOf(cells[place] ?? '', definitions);
        return {
          line: number,
          channel: cell(places.channel),
          version: cell(places.version),
          mode: cell(places.mode),
          report: cell(places.report),
        };
      });
  }
  return undefined;
}

/** The line between the header of a table and its rows. */
function isDelimiter(line: string): boolean {
  return line.includes('|') && line.includes('-') && /^[\s|:-]+$/.test(line);
}

function cellsOf(line: string): readonly string[] {
  const inner = line
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
}

function cellOf(written: string, definitions: ReadonlyMap<string, string>): Cell {
  const [, inlineText, inlineTarget] = /\[([^\]]*)\]\(\s*<?([^)\s>]*)>?[^)]*\)/.exec(written) ?? [];
  if (inlineText !== undefined && inlineTarget !== undefined) return { text: inlineText.trim(), target: inlineTarget };
  const [, text, label] = /\[([^\]]+)\](?:\[([^\]]*)\])?/.exec(written) ?? [];
  if (text !== undefined)
    return { text: text.trim(), target: definitions.get((label === undefined || label === '' ? text : label).toLowerCase()) };
  const [bare] = /https?:\/\/[^\s>]+/.exec(written) ?? [];
  return { text: written.replace(/[*`<>]/g, '').trim(), target: bare };
}
