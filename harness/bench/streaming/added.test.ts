// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../run/seed.ts';
import { addedTo, timesOf } from './added.ts';
import { planOf, windowOf, type StreamPair, type StreamWindow } from './paired-streams.ts';
import { soundStream } from './testing/streams.ts';

/** Pairs in which the gateway adds so much to each frame; the server is never twice equally fast. */
function window(addedMs: number, pairs = 80, lateMs = 0): StreamWindow {
  const random = seededRandom(pairs);
  const stream = (ownMs: number) => soundStream({ heldMs: 25 + 3 * random(), addedMs: ownMs + 0.2 * random() });
  const made = Array.from({ length: pairs }, (_, pair): StreamPair => {
    const { kind } = planOf(pair);
    return { kind, gateway: stream(0.3 + addedMs), other: stream(kind === 'noise' ? 0.3 + addedMs : 0.3) };
  });
  return windowOf(made, lateMs, 0);
}

describe('what a gateway adds', () => {
  it.each([0, 0.4, 5])('is %d ms where it is, whatever the server took', (addedMs) => {
    const added = addedTo('firstToken', [window(addedMs), window(addedMs, 79)]);
    expect(added?.value).toBeCloseTo(addedMs, 1);
    expect(added?.low).toBeLessThanOrEqual(addedMs);
    expect(added?.high).toBeGreaterThanOrEqual(addedMs);
    expect(added?.noiseMs).toBeLessThan(0.1);
  });

  it('to each frame alike adds nothing between them', () => {
    expect(addedTo('gap', [window(5)])?.value).toBeCloseTo(0, 6);
  });

  it('is not known from windows that do not count, and is then not 0', () => {
    const late = window(0.4, 80, 3);
    expect(late.invalid).toMatch(/3.0 ms late/);
    expect(addedTo('firstToken', [late])).toBeNull();
    expect(addedTo('firstToken', [])).toBeNull();
    expect(addedTo('firstToken', [late, window(0.4)])?.value).toBeCloseTo(0.4, 1);
    expect(timesOf('gateway', [late]).firstToken.totalCount).toBe(0);
  });

  it('is counted from pairs that compare, with what the server took in what clients see', () => {
    const { firstEvent, firstToken, gap } = timesOf('gateway', [window(1)]);
    expect(firstToken.totalCount).toBe(40);
    expect(firstToken.getValueAtPercentile(50)).toBeGreaterThan(25_000);
    expect(firstEvent.getValueAtPercentile(50)).toBeLessThan(2000);
    expect(gap.totalCount).toBe(40 * 31);
  });
});

describe('a window', () => {
  it('says nothing of times if this process was late, by its requests or its loop', () => {
    expect(windowOf([], 0.5, 0.5).invalid).toBeUndefined();
    expect(windowOf([], 2.5, 0).invalid).toMatch(/requests left 2.5 ms late/);
    expect(windowOf([], 0, 2.5).invalid).toMatch(/event loop was 2.5 ms late/);
  });

  it('asks for either side first as often, in pairs of either kind', () => {
    const plans = Array.from({ length: 80 }, (_, pair) => planOf(pair));
    for (const kind of ['compare', 'noise'] as const) {
      const own = plans.filter((plan) => plan.kind === kind);
      expect(own.filter(({ order }) => order[0] === 'gateway')).toHaveLength(own.length / 2);
    }
  });
});
