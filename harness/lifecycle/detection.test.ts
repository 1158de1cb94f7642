// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectionProbability } from './detection.ts';

describe('the probability of seeing an opening', () => {
  const watch = { from: 0, to: 100 };

  it('is that of a request in it', () => {
    // One request at 50: an opening of 10 ms must begin between 40 and 50, of all moments from 0 to 90.
    expect(detectionProbability([50], watch, 10)).toBeCloseTo(10 / 90);
    expect(detectionProbability([20, 60], watch, 10)).toBeCloseTo(20 / 90);
  });

  it('counts moments once that two requests cover', () => {
    expect(detectionProbability([50, 55], watch, 10)).toBeCloseTo(15 / 90);
  });

  it('is sure of what is longer than the longest gap', () => {
    expect(detectionProbability([10, 20, 30, 40, 50, 60, 70, 80, 90], watch, 20)).toBe(1);
  });

  it('is nothing without requests, and for openings that are longer than the watch', () => {
    expect(detectionProbability([], watch, 10)).toBe(0);
    expect(detectionProbability([50], watch, 200)).toBe(0);
  });

  it('is what trying every moment comes to', () => {
    const times = fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 400 }), (unordered, length) => {
        const sentAt = unordered.toSorted((a, b) => a - b);
        const steps = 1000;
        const starts = Array.from({ length: steps }, (_, step) => ((step + 0.5) / steps) * (1000 - length));
        const seen = starts.filter((start) => sentAt.some((at) => at >= start && at <= start + length)).length;
        expect(Math.abs(detectionProbability(sentAt, { from: 0, to: 1000 }, length) - seen / steps)).toBeLessThan(0.05);
      }),
    );
  });
});
