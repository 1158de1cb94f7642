// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { rateInterval, unseenRate } from './rate.ts';

describe('rates', () => {
  it('leave open what few tries cannot tell', () => {
    // Clopper-Pearson: 1 - 0.05^(1/n), the rule of three for many.
    expect(unseenRate(1)).toBeCloseTo(0.95);
    expect(unseenRate(20)).toBeCloseTo(0.1391, 4);
    expect(unseenRate(300)).toBeCloseTo(0.00994, 4);
    expect(unseenRate(0)).toBe(1);
  });

  it('have the interval of Wilson', () => {
    // R: binom::binom.wilson(1, 20), (10, 20)
    expect(rateInterval(1, 20).low).toBeCloseTo(0.00888, 4);
    expect(rateInterval(1, 20).high).toBeCloseTo(0.23613, 4);
    expect(rateInterval(10, 20).low).toBeCloseTo(0.29929, 4);
    expect(rateInterval(10, 20).high).toBeCloseTo(0.70071, 4);
    expect(rateInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });
});
