// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { ArrivalRing } from './arrival-ring.ts';

const arrival = (id: string, filler = ''): Arrival => ({
  id,
  method: 'GET',
  path: '/',
  host: 'a.test',
  headers: { filler: [filler] },
  at: 0,
});
const unlimitedBytes = Number.MAX_SAFE_INTEGER;

describe('ArrivalRing', () => {
  it('gives back what arrived, in order, and by id', () => {
    const ring = new ArrivalRing();
    for (const id of ['a', 'b', 'a']) ring.add(arrival(id));
    expect(ring.list().map(({ id }) => id)).toEqual(['a', 'b', 'a']);
    expect(ring.list('a')).toHaveLength(2);
    expect(ring.list('c')).toEqual([]);
    expect(ring.dropped).toBe(0);
  });

  it('keeps the latest by count and says how many it forgot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 0, max: 200 }), (limit, count) => {
        const ring = new ArrivalRing({ arrivals: limit, bytes: unlimitedBytes });
        const ids = Array.from({ length: count }, (_, index) => String(index));
        for (const id of ids) ring.add(arrival(id));
        expect(ring.list().map(({ id }) => id)).toEqual(ids.slice(-limit));
        expect(ring.dropped).toBe(Math.max(0, count - limit));
      }),
    );
  });

  it('bounds the size of what it keeps, whatever single arrivals weigh', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 50 }), (sizes) => {
        const ring = new ArrivalRing({ arrivals: 1000, bytes: 8000 });
        for (const size of sizes) ring.add(arrival('a', 'x'.repeat(size)));
        const kept = ring.list().map(({ headers }) => headers['filler']?.[0]?.length ?? 0);
        expect(kept.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(8000);
        expect(kept).toEqual(sizes.slice(sizes.length - kept.length));
        expect(kept.length + ring.dropped).toBe(sizes.length);
      }),
    );
  });

  it('forgets even a single arrival that is larger than all it may keep', () => {
    const ring = new ArrivalRing({ arrivals: 10, bytes: 1000 });
    ring.add(arrival('a', 'x'.repeat(2000)));
    expect(ring.list()).toEqual([]);
    expect(ring.dropped).toBe(1);
  });
});
