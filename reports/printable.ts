// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';

// Controls except tab and newline, and the marks that reorder text: both can make a page or terminal show something else than what is there.
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g;

/**
 * Text from outside as it may be shown: escape sequences of terminals are removed, and what else is invisible or reorders text is written out, `\x07`, `\u202e`.
 * Half of a surrogate pair becomes the replacement character.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text.replaceAll('\r\n', '\n')).toWellFormed().replace(unprintable, escapeOf);
}

/** The same on one line: runs of white space become one space. */
export function printableLine(text: string): string {
  return printable(text).replace(/\s+/g, ' ').trim();
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/**
 * A template whose values are made printable one by one: made so together, the beginning of an escape sequence in one text and its end in the
 * next would take what stands between them away.
 */
export function said(strings: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return String.raw({ raw: strings }, ...values.map((value) => printable(String(value))));
}
