// SPDX-License-Identifier: Apache-2.0

/**
 * A word as a POSIX shell reads it back unchanged; left bare where nothing in it means anything to a shell.
 * A NUL cannot be part of any argument, so it is left out.
 */
export function shellQuote(word: string): string {
  const text = word.replaceAll('\0', '');
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * A word of bytes, one character each as Node keeps header fields, as a POSIX shell hands on exactly these bytes, whatever the terminal's encoding.
 */
export function shellQuoteBytes(word: string): string {
  if (/^\p{ASCII}*$/u.test(word)) return shellQuote(word);
  const bytes = [...Buffer.from(word, 'latin1')].filter((byte) => byte !== 0);
  const escaped = bytes.map((byte) => {
    const character = String.fromCharCode(byte);
    return /^[\w ,.:;=/-]$/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  });
  return `"$(printf %b '${escaped.join('')}')"`;
}
