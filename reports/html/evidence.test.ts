// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { execution } from '../testdata/sample.ts';
import { evidenceOf, evidenceReader } from './evidence.ts';
import { excerpt, jsonExcerpt } from './excerpt.ts';

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}`).join('\n');

describe('evidence', () => {
  it('keeps a short text whole', () => {
    expect(excerpt('a\nb\n', 'start')).toEqual({ shown: 'a\nb' });
  });

  it('shows the start of a long text, the end of a log, and says so', () => {
    expect(excerpt(lines(400), 'start')).toMatchObject({ shown: lines(100), remark: 'First 100 of 400 lines' });
    const end = excerpt(lines(400), 'end');
    expect(end.shown.startsWith('line 301\n')).toBe(true);
    expect(end.remark).toBe('Last 100 of 400 lines');
    expect(excerpt('x'.repeat(20_000), 'start').remark).toBe('First 12000 of 20000 characters');
  });

  it('shows the last entries of a long list, whole', () => {
    const entries = Array.from({ length: 500 }, (_, id) => ({ id, status: 200 }));
    const { shown, remark } = jsonExcerpt(JSON.stringify(entries));
    const parsed = JSON.parse(shown) as typeof entries;
    expect(parsed.at(-1)).toEqual({ id: 499, status: 200 });
    expect(remark).toBe(`Last ${parsed.length} of 500 entries`);
    expect(parsed.length).toBeGreaterThan(20);
  });

  it('cuts a single entry that is too long, and takes as text what is not JSON', () => {
    expect(jsonExcerpt(JSON.stringify(['x'.repeat(50_000)])).remark).toMatch(/^First 12000 of/);
    expect(jsonExcerpt(JSON.stringify(['a', 'x'.repeat(50_000)]))).toMatchObject({ remark: 'Last 1 of 2 entries' });
    expect(jsonExcerpt('{"a":1}')).toEqual({ shown: '{\n  "a": 1\n}' });
    expect(jsonExcerpt('{"host":["a"],"accept":["b","c"],"odd":["[{"]}').shown).toBe(
      '{\n  "host": ["a"],\n  "accept": [\n    "b",\n    "c"\n  ],\n  "odd": [\n    "[{"\n  ]\n}',
    );
    expect(jsonExcerpt('[]')).toEqual({ shown: '[]' });
    expect(jsonExcerpt('{"a":')).toEqual({ shown: '{"a":' });
  });

  it('shows what the client and the backend saw first, and open', async () => {
    const of = (side: 'api' | 'client' | 'peer', title: string) => ({ title, side, contentType: 'text/plain', file: `x/${title}` });
    const evidence = [of('api', 'objects'), of('client', 'first'), of('client', 'second'), of('peer', 'arrivals')];
    const page = await evidenceOf(execution('x', { evidence }), evidenceReader({ readEvidence: () => Promise.resolve('text') }));
    const titles = [...(page?.source ?? '').matchAll(/<details class="piece" (open)?>.*?evidence-title">(\w+)</gs)].map(
      ([, open, title]) => [title, open],
    );
    expect(titles).toEqual([
      ['first', 'open'],
      ['arrivals', 'open'],
      ['second', undefined],
      ['objects', undefined],
    ]);
  });

  it('stops reading when the page is full, and links instead', async () => {
    let reads = 0;
    const reader = evidenceReader({ readEvidence: () => ((reads += 1), Promise.resolve('x'.repeat(50_000))) });
    const many = Array.from({ length: 400 }, (_, index) => ({
      title: 'log',
      side: 'gateway' as const,
      contentType: 'text/plain',
      file: `x/${index}.log`,
    }));
    const page = await evidenceOf(execution('x', { evidence: many }), reader);
    expect(reads).toBe(250);
    expect(page?.source).toContain('href="./x/399.log"');
  });
});
