// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { bestWithin, frontierLimits, frontiersOf } from './frontier.ts';

interface Side {
  readonly rate: number | null;
  readonly p99: number | null;
}

const cell = (name: string, through: Side, direct: Side, invalid?: string): readonly Measurement[] => {
  const bound = invalid === undefined ? {} : { invalid };
  return [
    { cell: name, metric: 'requests', unit: 'per second', value: through.rate, direct: direct.rate, ...bound },
    { cell: name, metric: 'p99', unit: 'ms', value: through.p99, direct: direct.p99, ...bound },
  ];
};

const measured = [
  ...cell('1 connection, no body', { rate: 4000, p99: 0.4 }, { rate: 13_000, p99: 0.1 }),
  ...cell('16 connections, no body', { rate: 20_000, p99: 4.9 }, { rate: 61_000, p99: 0.9 }),
  ...cell('512 connections, no body', { rate: 12_000, p99: 80 }, { rate: 46_000, p99: 12 }),
  ...cell('1 connection, 16 KiB', { rate: 3000, p99: 0.6 }, { rate: 9000, p99: 0.2 }, 'the driver was the limit'),
  ...cell('16 connections, 16 KiB', { rate: 9000, p99: null }, { rate: 20_000, p99: 2 }),
];

describe('a frontier', () => {
  it('holds the best of the cells within each limit, and nothing between them', () => {
    const [empty] = frontiersOf(measured);
    const rates = (points: Parameters<typeof bestWithin>[0]) => frontierLimits.map((limit) => bestWithin(points, limit)?.rate);
    expect(empty?.title).toBe('no body');
    expect(rates(empty?.gateway ?? [])).toEqual([4000, 20_000, 20_000, 20_000, 20_000, 20_000]);
    expect(rates(empty?.direct ?? [])).toEqual([61_000, 61_000, 61_000, 61_000, 61_000, 61_000]);
    expect(bestWithin(empty?.gateway ?? [], 0.3)).toBeUndefined();
  });

  it('leaves out what was not measured and what was not the gateway’s, and says the latter', () => {
    const [, large] = frontiersOf(measured);
    expect(large).toEqual({
      title: '16 KiB',
      gateway: [],
      direct: [
        { cell: '1 connection', p99: 0.2, rate: 9000 },
        { cell: '16 connections', p99: 2, rate: 20_000 },
      ],
      left: ['1 connection'],
    });
  });

  it('counts no cell in which a request was not answered rightly: what fails fast looks fast', () => {
    const wrong = (cell: string, value: number, direct: number): Measurement => ({
      cell,
      metric: 'not answered rightly',
      unit: 'count',
      value,
      direct,
    });
    const [empty] = frontiersOf([
      ...measured,
      wrong('1 connection, no body', 7, 0),
      wrong('16 connections, no body', 0, 1),
      wrong('512 connections, no body', 0, 0),
    ]);
    expect(empty?.left).toEqual(['1 connection']);
    expect(empty?.gateway.map(({ cell }) => cell)).toEqual(['16 connections', '512 connections']);
    expect(empty?.direct.map(({ cell }) => cell)).toEqual(['1 connection', '512 connections']);
  });

  it('is not made of one cell, nor of what was not driven by connections, nor of other units', () => {
    const both = { rate: 1, p99: 1 };
    expect(frontiersOf(cell('1 connection, no body', both, both))).toEqual([]);
    expect(frontiersOf([...cell('100 a second', both, both), ...cell('300 a second', both, both)])).toEqual([]);
    const counts = measured.map((one): Measurement => (one.metric === 'requests' ? { ...one, unit: 'count' } : one));
    expect(frontiersOf(counts)).toEqual([]);
  });
});
