// SPDX-License-Identifier: Apache-2.0
import { plural } from '../format.ts';

/** Part of a text, and how much of it that is when it is not all. */
export interface Excerpt {
  readonly shown: string;
  /** `Last 100 of 400 lines`. */
  readonly remark?: string;
}

const linesShown = 100;

/** Most characters of an excerpt. */
export const charactersShown = 12_000;

/** The start or the end of a text. */
export function excerpt(text: string, from: 'start' | 'end'): Excerpt {
  const lines = text.trimEnd().split('\n');
  const some = from === 'start' ? lines.slice(0, linesShown) : lines.slice(-linesShown);
  const joined = some.join('\n');
  const shown = from === 'start' ? joined.slice(0, charactersShown) : joined.slice(-charactersShown);
  const word = from === 'start' ? 'First' : 'Last';
  if (shown.length < joined.length) return { shown, remark: `${word} ${shown.length} of ${plural(text.length, 'character')}` };
  if (some.length < lines.length) return { shown, remark: `${word} ${some.length} of ${plural(lines.length, 'line')}` };
  return { shown };
}

/** JSON with one property a line; of a long list the last entries, which are nearest to the verdict. What is not JSON is text. */
export function jsonExcerpt(text: string): Excerpt {
  const value = parse(text);
  if (value === undefined) return excerpt(text, 'start');
  return Array.isArray(value) ? listExcerpt(value) : excerpt(pretty(value), 'start');
}

function listExcerpt(entries: readonly unknown[]): Excerpt {
  let count = 0;
  let shown = '[]';
  for (; count < entries.length; count += 1) {
    const more = pretty(entries.slice(-count - 1));
    if (count > 0 && (more.length > charactersShown || more.split('\n').length > linesShown)) break;
    shown = more;
  }
  // One entry alone can be too long.
  if (count === 1 && entries.length === 1) return excerpt(shown, 'start');
  const cut = excerpt(shown, 'start').shown;
  return count < entries.length ? { shown: cut, remark: `Last ${count} of ${plural(entries.length, 'entry', 'entries')}` } : { shown };
}

/** Indented, but a list of one value, as every header is, stays on its line. */
function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/\[\n\s+([^[\]{}\n]+)\n\s+\]/g, '[$1]');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
