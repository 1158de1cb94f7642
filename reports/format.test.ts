// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatInstant, formatMs, plural } from './format.ts';
import { printable, printableLine } from './printable.ts';
import { hostileText } from './testdata/hostile.ts';

describe('format', () => {
  it.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [59_949, '59.9 s'],
    [59_960, '1 min 00 s'],
    [185_000, '3 min 05 s'],
    [3_720_000, '1 h 02 min'],
    [3_599_600, '1 h 00 min'],
    [7_199_000, '2 h 00 min'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatMs(ms)).toBe(text);
  });

  it('says that a time is unknown', () => {
    expect(formatMs(undefined)).toBe('–');
  });

  it('writes instants in UTC and nouns in the right number', () => {
    expect(formatInstant(Date.UTC(2026, 10, 22, 16, 43, 47))).toBe('2026-11-22 16:43:47 UTC');
    expect([plural(1, 'attempt'), plural(41, 'attempt')]).toEqual(['1 attempt', '41 attempts']);
  });
});

describe('printable', () => {
  it('removes what steers a terminal and writes out what cannot be seen', () => {
    expect(printable('\u001b[31mred\u001b[0m\u0007 \u202Egnp.exe\ttab\r\nline')).toBe('red\\x07 \\u202egnp.exe\ttab\nline');
    expect(printable('half \ud800 pair')).toBe('half \ufffd pair');
    expect(printableLine('  a\n\tb\r\n')).toBe('a b');
  });

  it('never lets a control character through', () => {
    fc.assert(fc.property(hostileText(), (text) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(printable(text))));
  });
});
