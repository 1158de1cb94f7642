// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { describePattern } from './attempt-pattern.ts';

test.each([
  [['404'], 'the only attempt'],
  [['404', '404', '404'], 'all 3 attempts alike'],
  [['404', undefined, '404'], '2 of 3: 404; 1 of 3: held'],
  [['1', '2', '3', '4'], '1 of 4: 1; 1 of 4: 2; 1 of 4: 3; and 1 other outcome'],
  [['1', '2', '3', '4', '5', '5'], '1 of 6: 1; 1 of 6: 2; 1 of 6: 3; and 2 other outcomes'],
])('%j reads %s', (outcomes, text) => {
  expect(describePattern(outcomes)).toBe(text);
});
