// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { execution } from '../testdata/sample.ts';
import { evidenceOf, evidenceReader, excerpt } from './evidence.ts';

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
