// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { newRunId } from './run-id.ts';

test('an id sorts by time, and fits a DNS label and the name of a cluster', () => {
  const first = newRunId(new Date('2026-11-22T09:05:07.900Z'), 'beef');
  expect(first).toBe('20261122-090507-beef');
  expect(first < newRunId(new Date('2026-11-22T09:05:08Z'), '0000')).toBe(true);
  expect(newRunId()).toMatch(/^[a-z0-9][a-z0-9-]{0,62}$/);
});
