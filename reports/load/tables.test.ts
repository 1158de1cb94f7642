// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { measuredCell, measuredText, tableOf } from './tables.ts';

const rate: Measurement = { cell: '1 connection', metric: 'requests', unit: 'per second', value: 1234.5, direct: 4000 };
const latency: Measurement = { cell: '1 connection', metric: 'p99', unit: 'ms', value: null };

describe('a table', () => {
  it('has a row for each cell and a column for each metric', () => {
    const bound: Measurement = { ...rate, cell: '16 connections', invalid: 'the driver was the limit' };
    expect(tableOf([rate, latency, bound])).toEqual({
      metrics: ['requests', 'p99'],
      rows: [
        { cell: '1 connection', values: [rate, latency], invalid: undefined },
        { cell: '16 connections', values: [bound, undefined], invalid: 'the driver was the limit' },
      ],
    });
  });

  it('says what was not measured, and what is not to be believed', () => {
    expect([rate, latency, { ...rate, invalid: 'bound' }, undefined].map(measuredCell)).toEqual([
      '1,235/s (direct 4,000/s)',
      '–',
      '1,235/s (direct 4,000/s) *',
      '',
    ]);
  });
});

it('numbers are written as their units are read', () => {
  const texts = (
    [
      ['ms', 0.41234],
      ['ms', 12_345],
      ['s', 1.5],
      ['bytes', 4 * 2 ** 20],
      ['bytes', -(2 ** 19)],
      ['share', 0.0001],
      ['count', 30_000],
    ] as const
  ).map(([unit, value]) => measuredText({ unit, value }));
  expect(texts).toEqual(['0.412 ms', '12.3 s', '1.5 s', '4 MiB', '-0.5 MiB', '0.01 %', '30,000']);
});
