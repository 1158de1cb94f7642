// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CheckResult, RunDocument } from '../../harness/run/document.ts';
import { expectGolden } from '../testdata/golden.ts';
import { hostileText } from '../testdata/hostile.ts';
import { check, execution, sampleConformance, sampleKilled, samplePass, sampleProof, sampleRun } from '../testdata/sample.ts';
import { sampleBench } from '../testdata/sample-bench.ts';
import { sampleLoad } from '../testdata/sample-load.ts';
import { sampleLifecycle } from '../testdata/sample-lifecycle.ts';
import { failureLines } from './failure.ts';
import { styleFor } from './style.ts';
import { renderSummary } from './summary.ts';

const plain = { colour: false, width: 110, runDirectory: 'out/20261122-120000-k3v9' };
const golden = (name: string) => new URL(`testdata/${name}.golden.txt`, import.meta.url);

describe('summary', () => {
  it.each<[string, RunDocument]>([
    ['summary-run', sampleRun()],
    ['summary-pass', samplePass()],
    ['summary-proof', sampleProof()],
    ['summary-conformance', sampleConformance()],
    ['summary-killed', sampleKilled()],
    ['summary-lifecycle', sampleLifecycle()],
    ['summary-bench', sampleBench()],
    ['summary-load', sampleLoad()],
  ])('%s', async (name, document) => {
    await expectGolden(renderSummary(document, plain), golden(name));
  });

  it('colours only repeat the words', async () => {
    const coloured = renderSummary(sampleRun(), { ...plain, colour: true });
    await expectGolden(coloured, golden('summary-colour'));
    expect(stripVTControlCharacters(coloured)).toBe(renderSummary(sampleRun(), plain));
  });

  it('fits a narrow terminal, commands and names apart', () => {
    const lines = renderSummary(sampleRun(), { ...plain, width: 60 }).split('\n');
    const tooLong = lines.filter((line) => line.length > 60);
    expect(tooLong.filter((line) => !/curl|kubectl|gauntlet|^(checks|slowest|to converge|report) /.test(line))).toEqual([]);
  });

  it('shows twenty failures whole, and names all of them', () => {
    const failed = Array.from({ length: 30 }, (_, index) => ({ ...sampleRun().checks[5], id: `broken-${index}` }) as CheckResult);
    const text = renderSummary(sampleRun({ checks: failed }), plain);
    expect(text.match(/^FAIL broken-/gm)).toHaveLength(20);
    expect(text).toContain('and 10 more checks with this verdict, in the report');
    expect(text.trimEnd().split('\n').at(-1)).toContain('broken-29');
  });

  it('of the lifecycle matrix says how to go on with it', () => {
    const text = renderSummary(sampleLifecycle(), plain);
    expect(text).toContain('gauntlet lifecycle --resume 20261122-233652-0098');
    expect(text).not.toContain('gauntlet run');
  });

  it('keeps a failure within 25 lines, whatever it says', () => {
    fc.assert(
      fc.property(fc.array(hostileText({ maxLength: 300 }), { maxLength: 12 }), fc.lorem({ maxCount: 300 }), (texts, text) => {
        const failing = check('x', text, text, {
          verdict: 'fail',
          reason: text,
          executions: [
            execution('x', {
              verdict: 'fail',
              failure: {
                expectation: text,
                expected: text,
                actual: text,
                attempts: 1,
                pattern: text,
                notes: texts.map((note) => ({ title: note, text: note })),
                reproduce: texts,
              },
            }),
          ],
        });
        const lines = failureLines(sampleRun(), failing, { style: styleFor(false), width: 100, runDirectory: 'out/x' });
        expect(lines.length).toBeLessThanOrEqual(25);
        expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
      }),
    );
  });
});
