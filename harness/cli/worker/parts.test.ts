// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlannedCheck } from '../../run/events.ts';
import { partsOf } from './parts.ts';

const check = (id: string, count: number): PlannedCheck => ({
  id,
  title: id,
  feature: 'routing.http',
  level: 'MUST',
  priority: 'P0',
  file: 'a.ts',
  specification: [],
  serial: false,
  installation: 'release',
  executions: Array.from({ length: count }, (_, index) => ({ execution: `${id}#${index}` })),
});

test('a plan that fits stays whole', () => {
  const plan = [check('a', 2), check('b', 1)];
  expect(partsOf(plan, 3)).toEqual([plan]);
  expect(partsOf([], 3)).toEqual([[]]);
});

test('a plan that does not is cut into parts of about the same size, each check whole and in its place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 6, max: 60 }),
      (counts, most) => {
        const plan = counts.map((count, index) => check(`c${index}`, count));
        const parts = partsOf(plan, most);
        expect(parts.flat()).toEqual(plan);
        expect(parts.every((part) => part.length > 0)).toBe(true);
        // A check that begins within a part may reach beyond its end.
        for (const part of parts) expect(part.reduce((sum, { executions }) => sum + executions.length, 0)).toBeLessThanOrEqual(most + 5);
      },
    ),
  );
});
