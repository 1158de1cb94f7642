// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { type DefaultTreeAdapterTypes as Tree, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../harness/run/document.ts';
import { printable } from '../printable.ts';
import { expectGolden } from '../testdata/golden.ts';
import { hostileText } from '../testdata/hostile.ts';
import {
  check,
  execution,
  sampleConformance,
  sampleEvidence,
  sampleKilled,
  samplePass,
  sampleProof,
  sampleRun,
} from '../testdata/sample.ts';
import { sampleBench } from '../testdata/sample-bench.ts';
import { sampleLoad } from '../testdata/sample-load.ts';
import { sampleLifecycle } from '../testdata/sample-lifecycle.ts';
import { renderHtml } from './page.ts';

const context = { readEvidence: (file: string) => Promise.resolve(sampleEvidence[file]) };
const samples: [string, RunDocument][] = [
  ['run', sampleRun()],
  ['pass', samplePass()],
  ['proof', sampleProof()],
  ['conformance', sampleConformance()],
  ['killed', sampleKilled()],
  ['lifecycle', sampleLifecycle()],
  ['bench', sampleBench()],
  ['load', sampleLoad()],
];

const elementsOf = (node: Tree.Node): Tree.Element[] =>
  'childNodes' in node ? node.childNodes.flatMap((child) => ('tagName' in child ? [child, ...elementsOf(child)] : [])) : [];

const attributeOf = (element: Tree.Element, name: string): string | undefined =>
  element.attrs.find((attribute) => attribute.name === name)?.value;

const textOf = (node: Tree.Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';

describe('HTML', () => {
  it.each(samples)('%s is as it was', async (name, document) => {
    await expectGolden(await renderHtml(document, context), new URL(`testdata/${name}.golden.html`, import.meta.url));
  });

  it.each(samples)('%s parses without an error, and its ids and links hold together', async (_name, document) => {
    const errors: string[] = [];
    const page = parse(await renderHtml(document, context), {
      sourceCodeLocationInfo: true,
      onParseError: ({ code, startLine }) => errors.push(`${code} in line ${startLine}`),
    });
    expect(errors).toEqual([]);
    const elements = elementsOf(page);
    const ids = elements.flatMap((element) => attributeOf(element, 'id') ?? []);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const anchors = elements.flatMap((element) => attributeOf(element, 'href') ?? []).filter((href) => href.startsWith('#'));
    expect(anchors.filter((href) => !ids.includes(href.slice(1)))).toEqual([]);
  });

  it.each(samples)('%s needs nothing from elsewhere', async (_name, document) => {
    const elements = elementsOf(parse(await renderHtml(document, context)));
    const loading = elements.filter(
      (element) =>
        attributeOf(element, 'src') !== undefined ||
        (element.tagName === 'link' && !(attributeOf(element, 'href') ?? '').startsWith('data:')) ||
        ['iframe', 'object', 'embed', 'img', 'base'].includes(element.tagName),
    );
    expect(loading).toEqual([]);
  });

  it('can be deep-linked to every check, and says each verdict in words', async () => {
    const elements = elementsOf(parse(await renderHtml(sampleRun(), context)));
    for (const { id, verdict } of sampleRun().checks) {
      const page = elements.find((element) => attributeOf(element, 'id') === `check-${id}`);
      expect(page && attributeOf(page, 'data-verdict')).toBe(verdict);
    }
    const open = elements.filter(
      (element) => attributeOf(element, 'class')?.startsWith('check ') && attributeOf(element, 'open') !== undefined,
    );
    expect(open.map((element) => attributeOf(element, 'data-verdict'))).toEqual(['fail', 'fail']);
  });

  it('leads from every field of the lifecycle matrix to what it stands for, in words', async () => {
    const elements = elementsOf(parse(await renderHtml(sampleLifecycle(), context)));
    const fields = elements
      .filter(({ tagName }) => tagName === 'table')
      .flatMap(elementsOf)
      .filter(({ tagName }) => tagName === 'td');
    const said = new Map(
      fields.flatMap(elementsOf).flatMap((element) => {
        const href = attributeOf(element, 'href');
        return href?.startsWith('#check-') === true
          ? [[href.slice('#check-'.length), textOf(element).replace(/\s+/g, ' ').trim()] as const]
          : [];
      }),
    );
    expect(said.get('ext-auth-grpc.extension-deleted.route')).toBe('leaked 143 ms');
    expect(said.get('ext-auth-grpc.route-recreated.route')).toBe('leaked 46 ms 1 of 3');
    expect(said.get('api-key-reference.secret-emptied.gateway')).toBe('OPEN');
    expect(sampleLifecycle().checks.filter(({ id }) => !said.has(id))).toEqual([]);
    const heads = elements.filter(({ tagName }) => tagName === 'th');
    expect(heads.filter((head) => attributeOf(head, 'scope') === undefined)).toEqual([]);
  });

  it('draws cells whatever their numbers and texts are', async () => {
    const number = fc.double({ noNaN: true, min: -1e7, max: 1e7 });
    const count = fc.nat(1e4);
    const cell = fc.record({
      fromMs: number,
      bins: fc.array(fc.record({ fromMs: number, denied: count, passed: count, served: count, failed: count }), { maxLength: 4 }),
      marks: fc.array(fc.record({ atMs: number, kind: fc.constantFrom('event' as const, 'log' as const), text: hostileText() }), {
        maxLength: 4,
      }),
    });
    await fc.assert(
      fc.asyncProperty(cell, hostileText(), async ({ fromMs, bins, marks }, text) => {
        const leak = {
          requests: 1,
          of: 2,
          spells: [{ fromMs, toMs: fromMs + 1, requests: 1 }],
          by: { [text]: 1 },
          whileGreen: false,
          examples: [text],
        };
        const checks = sampleLifecycle().checks.map((one) => ({
          ...one,
          executions: one.executions.map(({ cell: played, ...rest }) =>
            played === undefined
              ? rest
              : { ...rest, cell: { ...played, result: { ...played.result, bins, marks, leak, watch: { fromMs, toMs: fromMs + 10 } } } },
          ),
        }));
        const errors: string[] = [];
        const page = parse(await renderHtml(sampleLifecycle({ checks }), context), { onParseError: ({ code }) => errors.push(code) });
        // Characters that HTML discourages are not markup.
        expect(errors.filter((code) => !code.endsWith('-in-input-stream'))).toEqual([]);
        const drawn = elementsOf(page).flatMap(({ attrs }) =>
          attrs.filter(({ name }) => ['d', 'x', 'x1', 'width', 'viewbox'].includes(name.toLowerCase())),
        );
        expect(drawn.filter(({ value }) => /NaN|Infinity|undefined/.test(value))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('shows hostile text as text, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), hostileText(), async (text, other) => {
        const page = parse(await renderHtml(hostileRun(text, other), { readEvidence: () => Promise.resolve(text) }));
        const elements = elementsOf(page);
        expect(elements.filter((element) => element.tagName === 'script')).toHaveLength(1);
        expect(elements.flatMap((element) => element.attrs).filter((attribute) => attribute.name.startsWith('on'))).toEqual([]);
        const links = elements.flatMap((element) => attributeOf(element, 'href') ?? []);
        expect(links.filter((href) => !/^(#|\.\/|https:\/\/|data:image\/svg)/.test(href) || href.includes('/../'))).toEqual([]);
        const actual = elements.find((element) => attributeOf(element, 'class') === 'actual');
        expect(actual && textOf(actual)).toContain(printable(text).replace(/^\n/, ''));
      }),
      { numRuns: 20 },
    );
  });

  it('never reads evidence outside of the run', async () => {
    const asked: string[] = [];
    for (const file of ['../secret', '/etc/passwd', 'a/../../b', 'https://example.test/', 'C:\\secret', 'a\\..\\b', '']) {
      await renderHtml(hostileRun('x', file), { readEvidence: (path) => (asked.push(path), Promise.resolve('secret')) });
    }
    expect(asked).toEqual([]);
  });
});

function hostileRun(text: string, other: string): RunDocument {
  const run = sampleRun();
  const failing = check(text, text, other, {
    verdict: 'fail',
    reason: other,
    file: text,
    specification: [{ title: text, url: other }],
    executions: [
      execution('x', {
        verdict: 'fail',
        reason: text,
        converged: { [text]: 10 },
        attempts: { [text]: [{ at: 0, ok: false, durationMs: 1, actual: other }] },
        evidence: [{ title: text, side: 'client', contentType: 'application/json', file: other }],
        failure: {
          expectation: text,
          expected: other,
          actual: text,
          attempts: 1,
          pattern: text,
          notes: [{ title: text, text: other }],
          reproduce: [other],
        },
      }),
    ],
  });
  return {
    ...run,
    run: { ...run.run, runId: text, command: other, target: { ...run.run.target, title: text, gatewayClass: other } },
    checks: [failing],
    environment: { [text]: { [other]: text } },
    errors: [{ at: 0, code: 'GAUNTLET_API', message: text, hint: other }],
  };
}
