// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { holmAdjusted } from './holm.ts';

it('adjusts as p.adjust(method = "holm") of R does', () => {
  // p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")
  const adjusted = holmAdjusted([0.01, 0.02, 0.03, 0.04, 0.05]);
  [0.05, 0.08, 0.09, 0.09, 0.09].forEach((p, index) => expect(adjusted[index]).toBeCloseTo(p, 12));
  expect(holmAdjusted([0.04, 0.001])).toEqual([0.04, 0.002]);
  expect(holmAdjusted([])).toEqual([]);
});

it('never makes a p-value smaller, and keeps their order', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }), (pValues) => {
      const adjusted = holmAdjusted(pValues);
      const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 0) - (pValues[b] ?? 0));
      expect(pValues.every((p, index) => (adjusted[index] ?? 0) >= p)).toBe(true);
      expect(order.every((index, at) => (adjusted[index] ?? 0) >= (adjusted[order[at - 1] ?? index] ?? 0))).toBe(true);
    }),
  );
});
