// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { RunDocument } from '../../harness/run/document.ts';
import type { Verdict } from '../../harness/check/verdict.ts';
import { compareRuns } from './compare.ts';
import { comparisonAsCsv, printComparison } from './print.ts';

const run = (id: string, verdicts: Readonly<Record<string, Verdict>>, cells: Readonly<Record<string, string>> = {}): RunDocument =>
  ({
    run: { runId: id, kind: 'run' },
    checks: Object.entries(verdicts).map(([check, verdict]) => ({
      id: check,
      title: check,
      verdict,
      executions: [
        { execution: check, ...(cells[check] === undefined ? {} : { cell: { address: {}, result: { verdict: cells[check] } } }) },
      ],
    })),
  }) as unknown as RunDocument;

test('tells what differs, and what cannot be compared', () => {
  const comparison = compareRuns([
    run('one', { a: 'pass', b: 'pass', c: 'could-not-run', d: 'pass', e: 'pass' }),
    run('two', { a: 'pass', b: 'fail', c: 'pass', d: 'could-not-run' }),
    run('three', { a: 'pass', b: 'pass', c: 'could-not-run', d: 'pass' }),
  ]);
  expect(comparison.same.map(({ id }) => id)).toEqual(['a', 'd']);
  expect(comparison.different).toEqual([{ id: 'b', outcomes: ['pass', 'fail', 'pass'] }]);
  expect(comparison.unknown.map(({ id }) => id)).toEqual(['c', 'e']);
  expect(printComparison(comparison)).toBe(
    ['   one   two   three', 'b  pass  fail  pass', '', '2 checks the same, 1 different, 2 of which fewer than two runs know'].join('\n'),
  );
  expect(comparisonAsCsv(comparison).split('\n')).toEqual([
    'id,one,two,three',
    'a,pass,pass,pass',
    'b,pass,fail,pass',
    'c,,pass,',
    'd,pass,,pass',
    'e,pass,,',
  ]);
});

test('compares cells by the kind of their verdict', () => {
  const same = { 'jwt.edited.route': 'fail' } as const;
  const [leaked, open] = ['leaked', 'open'].map((verdict, index) => run(String(index), same, { 'jwt.edited.route': verdict }));
  if (leaked === undefined || open === undefined) throw new Error('no run');
  expect(compareRuns([leaked, open]).different).toEqual([{ id: 'jwt.edited.route', outcomes: ['leaked', 'open'] }]);
  expect(compareRuns([leaked, leaked]).different).toEqual([]);
  expect(printComparison(compareRuns([leaked, leaked]))).toBe('1 check the same, 0 different, 0 of which fewer than two runs know');
});
