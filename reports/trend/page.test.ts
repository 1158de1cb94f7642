// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes as Tree, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { TrendPoint } from '../../harness/bench/trend/series.ts';
import { numbersOf } from '../../harness/bench/trend/series.ts';
import { expectGolden } from '../testdata/golden.ts';
import { hostileText } from '../testdata/hostile.ts';
import { sampleTrend } from '../testdata/sample-trend.ts';
import { changesOf, segmentsOf } from './chart.ts';
import { renderTrend } from './page.ts';

const sample = () => renderTrend(sampleTrend, numbersOf(sampleTrend));

const elementsOf = (node: Tree.Node): readonly Tree.Element[] =>
  'childNodes' in node ? node.childNodes.flatMap((child) => ('tagName' in child ? [child, ...elementsOf(child)] : [])) : [];
const attributeOf = (element: Tree.Element, name: string): string | undefined =>
  element.attrs.find((attribute) => attribute.name === name)?.value;
const textOf = (node: Tree.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';

describe('the page of a trend', () => {
  it('is as it was', async () => {
    await expectGolden(await sample(), new URL('testdata/trend.golden.html', import.meta.url));
  });

  it('parses without an error, its ids and links hold together, and it needs nothing from elsewhere', async () => {
    const errors: string[] = [];
    const elements = elementsOf(parse(await sample(), { onParseError: ({ code }) => errors.push(code) }));
    expect(errors).toEqual([]);
    const ids = elements.flatMap((element) => attributeOf(element, 'id') ?? []);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const links = elements.flatMap((element) => attributeOf(element, 'href') ?? []);
    expect(links.filter((href) => !href.startsWith('data:') && !ids.includes(href.slice(1)))).toEqual([]);
    expect(elements.filter((element) => attributeOf(element, 'src') !== undefined)).toEqual([]);
  });

  it('has a table beside each drawing, with every value of it and its interval', async () => {
    const elements = elementsOf(parse(await sample()));
    const rows = elements
      .filter((element) => attributeOf(element, 'class') === 'values')
      .map((values) => elementsOf(values).filter(({ tagName }) => tagName === 'tr').length - 1);
    expect(rows).toEqual([8, 8, 7]);
    const said = textOf(parse(await sample()));
    expect(said).toContain('1.083 (1.060 to 1.105)');
    expect(said).toContain('20,100/s');
  });

  it('shows any text as text, and draws any numbers', async () => {
    const value = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    const entry = fc.record({ text: hostileText({ minLength: 1 }), machine: hostileText(), value, low: value, high: value });
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 6 }), async (made) => {
        const entries = made.map(({ text, machine, ...numbers }, index) => ({
          runId: text,
          startedAt: index,
          gauntlet: text,
          target: text,
          images: {},
          machine: { processor: machine, cores: '2', architecture: 'amd64' },
          values: [
            { id: text, unit: 'ratio' as const, ...numbers },
            { id: `${text}: b`, unit: 'bytes' as const, ...numbers },
          ],
        }));
        const elements = elementsOf(parse(await renderTrend(entries, numbersOf(entries))));
        expect(elements.filter(({ tagName }) => tagName === 'script')).toHaveLength(1);
        expect(elements.filter(({ tagName }) => tagName === 'img')).toEqual([]);
        const drawn = elements.flatMap(({ attrs }) => attrs.filter((one) => /^(d|c?[xy][12]?)$/.test(one.name)));
        expect(drawn.filter((one) => /NaN|Infinity|undefined/.test(one.value))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('points of a trend', () => {
  const on = (machine: string, architecture = 'amd64'): TrendPoint => ({
    runId: 'r',
    startedAt: 1,
    target: 't@1',
    machine,
    architecture,
    value: 1,
  });

  it('are joined only where they follow each other on one machine', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c')), (machines) => {
        const points = machines.map((machine) => on(machine));
        const segments = segmentsOf(points);
        expect(segments.flat().map(({ index }) => index)).toEqual([...points.keys()]);
        for (const segment of segments) expect(new Set(segment.map(({ point }) => point.machine)).size).toBe(1);
        expect(changesOf(points)).toHaveLength(Math.max(0, segments.length - 1));
      }),
    );
  });

  it('have a mark where the machine is another one, which says when it is of another architecture', () => {
    expect(changesOf([on('a'), on('a'), on('b'), on('c', 'arm64')])).toEqual([
      [2, 'machine'],
      [3, 'arm64'],
    ]);
  });
});
