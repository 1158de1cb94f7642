// SPDX-License-Identifier: Apache-2.0
import { printableLine } from '../printable.ts';

/** Text from outside on one line, with nothing in it that Markdown or HTML would take for its own. */
export function text(raw: string): string {
  return printableLine(raw)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~]/g, '\\$&');
}

/** The same as code. A backtick would end it. */
export function code(raw: string): string {
  return `<code>${text(raw)}</code>`;
}

/** A table; the cells are Markdown already. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Shown when it is asked for. */
export function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
