// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { seconds } from '../units.ts';
import { sabotagedBudget } from './budgets.ts';

test.each([
  ['a part of what is stated', 60, undefined, 6],
  ['a part of what is stated, when that is long', 90, undefined, 9],
  ['enough for more than one attempt', 20, undefined, 6],
  ['never more than what is stated, however little', 2, undefined, 2],
  ['enough for what it needs without a sabotage', 30, 4, 16],
  ['never more than what is stated', 30, 12, 30],
  ['a part of what is stated, when it needs next to nothing', 60, 0.1, 6],
])('a sabotaged expectation is given %s', (_name, stated, converged, given) => {
  expect(sabotagedBudget(seconds(stated), converged === undefined ? undefined : converged * 1000)).toEqual(seconds(given));
});
