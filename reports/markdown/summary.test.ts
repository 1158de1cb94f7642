// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../harness/run/document.ts';
import { expectGolden } from '../testdata/golden.ts';
import { hostileText } from '../testdata/hostile.ts';
import { check, execution, sampleRun } from '../testdata/sample.ts';
import { sampleBench } from '../testdata/sample-bench.ts';
import { sampleLoad } from '../testdata/sample-load.ts';
import { text } from './markup.ts';
import { renderMarkdown } from './summary.ts';

describe('the job summary', () => {
  it.each<[string, RunDocument]>([
    ['run', sampleRun()],
    ['bench', sampleBench()],
    ['load', sampleLoad()],
  ])('of %s', async (name, document) => {
    await expectGolden(renderMarkdown(document), new URL(`testdata/${name}.golden.md`, import.meta.url));
  });

  it('folds what is more than a page', () => {
    const checks = Array.from({ length: 30 }, (_, index) =>
      check(`check-${index}`, 'It holds', 'routing.http', {
        verdict: 'fail',
        executions: [execution(`check-${index}`, { verdict: 'fail' })],
      }),
    );
    const summary = renderMarkdown(sampleRun({ checks }));
    expect(summary).toContain('<details><summary>10 more</summary>');
  });
});

it('text from outside stays in its cell and opens no tag', () => {
  fc.assert(
    fc.property(hostileText(), (raw) => {
      const written = text(raw);
      expect(written).not.toMatch(/[\n\r]|(?<!\\)(?:\\\\)*[|`]|</);
    }),
  );
});
