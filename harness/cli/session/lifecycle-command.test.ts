// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { knownGroups, knownLevels } from '../../../reports/lifecycle/cells.ts';
import { eventGroups } from '../../../suites/lifecycle/event-row.ts';
import { levels } from '../../../suites/lifecycle/levels.ts';

test('a report orders levels and groups of events as the matrix does', () => {
  expect(knownLevels).toEqual(levels);
  expect(knownGroups).toEqual(eventGroups);
});
