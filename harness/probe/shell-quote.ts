// SPDX-License-Identifier: Apache-2.0

/**
 * A word as a POSIX shell reads it back unchanged; left bare where nothing in it means anything to a shell.
 * A NUL cannot be part of any argument, so it is left out.
 */
export function shellQuote(word: string): string {
  const text = word.replaceAll('\0', '');
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
