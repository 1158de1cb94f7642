// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ratioToNone, roundOf, type OverheadWindow } from './overhead.ts';

/** Rounds on a machine that is by so much faster from one window to the next; a policy costs that part of the rate. */
function played(rounds: number, costs: Readonly<Record<string, number>>, drift: (window: number) => number): readonly OverheadWindow[] {
  const order = Array.from({ length: rounds }, (_, round) => roundOf(Object.keys(costs), round)).flat();
  return order.map((policy, index): OverheadWindow => {
    const rate = 1000 * drift(index) * (policy === undefined ? 1 : (costs[policy] ?? NaN));
    return { ...(policy === undefined ? {} : { policy }), rate, cpuPerRequest: 1 / rate };
  });
}

it('a policy stands between two windows without one, in turn from both ends', () => {
  expect(roundOf(['a', 'b'], 0)).toEqual([undefined, 'a', undefined, 'b', undefined]);
  expect(roundOf(['a', 'b'], 1)).toEqual([undefined, 'b', undefined, 'a', undefined]);
});

it('what a policy costs is seen through a machine that drifts', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.97, max: 1.03, noNaN: true }), fc.double({ min: 0.1, max: 1.5, noNaN: true }), (drift, cost) => {
      const windows = played(8, { a: cost, b: 0.5 }, (window) => drift ** window);
      const ratio = ratioToNone(windows, 'a', 'rate');
      expect(ratio?.value).toBeCloseTo(cost, 8);
      expect(ratio?.low).toBeCloseTo(cost, 8);
      expect(ratioToNone(windows, 'b', 'cpuPerRequest')?.value).toBeCloseTo(2, 8);
    }),
  );
});

it('has no bounds of few windows, and is null where nothing was measured', () => {
  const few = played(3, { a: 0.5 }, () => 1);
  expect(ratioToNone(few, 'a', 'rate')).toEqual({ value: expect.closeTo(0.5) as unknown, low: null, high: null });
  expect(ratioToNone(few, 'b', 'rate')).toBeNull();
  expect(
    ratioToNone(
      few.map((window) => ({ ...window, rate: null })),
      'a',
      'rate',
    ),
  ).toBeNull();
});
