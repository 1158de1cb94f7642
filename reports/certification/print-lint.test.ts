// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { Finding } from '../../harness/certification/lint/rule.ts';
import type { RuleData } from '../../harness/certification/lint/rules.ts';
import { styleFor } from '../terminal/style.ts';
import { printLint } from './print-lint.ts';

const rules: readonly RuleData[] = [
  { id: 'url', severity: 'error', requires: 'A URL.', source: { title: 'Rules', url: 'https://example.com/url' }, enforcedBy: 'suite' },
  { id: 'date', severity: 'error', requires: 'A date.', source: { title: 'Rules', url: 'https://example.com/date' }, enforcedBy: 'review' },
  { id: 'age', severity: 'warning', requires: 'Young.', source: { title: 'Rules', url: 'https://example.com/age' }, enforcedBy: 'review' },
];
const finding: Finding = {
  rule: 'url',
  severity: 'error',
  file: 'a/b.yaml',
  line: 10,
  field: 'implementation.url',
  message: 'No URL.',
  mend: 'Write one.',
};

test('findings are a table under their file, with the sources of broken rules and what was not checked', () => {
  const young: Finding = { ...finding, rule: 'age', severity: 'warning', line: null, field: null, message: 'Old.', mend: 'Run it again.' };
  const notChecked = [{ file: 'a/b.yaml', rules: ['date'], reason: 'No calendar.' }];
  expect(printLint({ reports: ['a/b.yaml'], findings: [young, finding], notChecked }, rules, styleFor(false)).split('\n')).toEqual([
    'a/b.yaml',
    '   -  warning  age  Old.',
    '      mend: Run it again.',
    '  10  error    url  implementation.url: No URL.',
    '      mend: Write one.',
    '',
    'Rules, and where upstream has them:',
    '  url  https://example.com/url',
    '  age  https://example.com/age',
    '',
    'No calendar. Not checked: date. (1 file, the first a/b.yaml)',
    '',
    '1 report: 1 error, 1 warning',
  ]);
});

test('what a report says cannot change what the terminal shows', () => {
  const hostile: Finding = { ...finding, file: 'a\u001b[2J.yaml', message: 'x\u001b]0;title\u0007y\u202ez\nnext', field: 'a\u001b[31m' };
  const printed = printLint({ reports: [], findings: [hostile], notChecked: [] }, rules, styleFor(false));
  expect(printed).not.toMatch(/[\u001b\u0007\u202e]/);
  expect(printed.split('\n')[1]).toContain('z next');
});
