// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes as Tree, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../harness/bench/measurement.ts';
import { hostileText } from '../testdata/hostile.ts';
import { highestSoFar } from './chart.ts';
import { frontierDetails } from './frontier.ts';
import { html } from './markup.ts';

const cell = (name: string, rate: number | null, p99: number | null, direct: number | null): readonly Measurement[] => [
  { cell: name, metric: 'requests', unit: 'per second', value: rate, direct: direct === null ? null : 2 * direct },
  { cell: name, metric: 'p99', unit: 'ms', value: p99, direct: direct === null ? null : 1 },
];

const rowsOf = (measurements: readonly Measurement[]): readonly (readonly string[])[] => {
  const elements = elementsOf(parse(html`${frontierDetails('throughput', measurements)}`.source));
  const rows = elements.filter(({ tagName }) => tagName === 'tr').slice(1);
  return rows.map((row) =>
    elementsOf(row)
      .filter(({ tagName }) => tagName === 'th' || tagName === 'td')
      .map((one) => textOf(one).trim()),
  );
};

const elementsOf = (node: Tree.Node): readonly Tree.Element[] =>
  'childNodes' in node ? node.childNodes.flatMap((child) => ('tagName' in child ? [child, ...elementsOf(child)] : [])) : [];

const textOf = (node: Tree.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';

describe('the table of a frontier', () => {
  it('tells apart what was not fast enough and what was not measured', () => {
    const measurements = [...cell('1 connection, 1 KiB', 4000, 7, null), ...cell('16 connections, 1 KiB', 9000, 70, null)];
    expect(rowsOf(measurements)).toEqual([
      ['1 KiB, gateway', 'none', 'none', '4,000/s1 connection', '4,000/s1 connection', '9,000/s16 connections', '9,000/s16 connections'],
      ['1 KiB, direct', '–', '–', '–', '–', '–', '–'],
    ]);
  });

  it('is not there for a scenario that drives nothing to its limit', () => {
    expect(frontierDetails('latency-fixed-rate', cell('300 a second', 300, 1, 1))).toBeUndefined();
  });

  it('shows any name as text, and draws any numbers', () => {
    const number = fc.option(fc.double({ noNaN: true, min: 0, max: 1e7 }), { nil: null });
    fc.assert(
      fc.property(hostileText(), fc.array(fc.tuple(number, number, number), { minLength: 2, maxLength: 5 }), (name, values) => {
        const measurements = values.flatMap((own, index) => cell(`${index + 1} connections, ${name.replaceAll(',', '')}`, ...own));
        const elements = elementsOf(parse(html`${frontierDetails(name, measurements)}`.source));
        expect(elements.filter(({ tagName }) => tagName === 'script' || tagName === 'img')).toEqual([]);
        const drawn = elements.flatMap(({ attrs }) => attrs.filter((one) => ['d', 'x', 'y', 'cx', 'cy'].includes(one.name)));
        expect(drawn.filter(({ value }) => /NaN|Infinity|undefined/.test(value))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});

it('a line of the highest so far rises, and no point is above it', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }));
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const line = highestSoFar(points);
      for (const [index, [x, y]] of line.entries()) {
        const [beforeX, beforeY] = line[index - 1] ?? [-Infinity, -Infinity];
        expect(x >= beforeX && y > beforeY).toBe(true);
      }
      for (const [x, y] of points) expect(line.some(([at, level]) => at <= x && level >= y)).toBe(true);
    }),
  );
});
