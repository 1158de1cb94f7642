// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { formatBytes, formatDuration, milliseconds, minutes, seconds } from './units.ts';

test.each([
  [milliseconds(0), '0 ms'],
  [milliseconds(999), '999 ms'],
  [milliseconds(999.6), '1.0 s'],
  [seconds(4.2), '4.2 s'],
  [seconds(59.96), '1 min 00 s'],
  [seconds(185), '3 min 05 s'],
  [minutes(62), '1 h 02 min'],
])('%o reads %s', (duration, text) => {
  expect(formatDuration(duration)).toBe(text);
});

test.each([
  [512, '512 B'],
  [1536, '1.5 KiB'],
  [120 * 1024 * 1024, '120.0 MiB'],
  [1024 * 1024 - 1, '1.0 MiB'],
])('%d bytes read %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
