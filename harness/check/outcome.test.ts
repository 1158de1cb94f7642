// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { BaselineEntry } from './baseline.ts';
import { Mismatch } from './expect.ts';
import { ExpectationFailed } from './expectations.ts';
import { judgeProof, judgeRun, type Ending } from './outcome.ts';
import { sampleCheck } from './testing/sample.ts';

const check = sampleCheck(() => Promise.resolve());
const entry = (sometimes: boolean): BaselineEntry => ({
  id: check.id,
  target: 'kgateway',
  versions: '2.2.0',
  sometimes,
  expectation: 'denied',
  observed: '200',
  reason: 'A race.',
  link: 'https://example.test/1',
  expires: '2027-01-31',
  where: 'baseline.yaml:1',
});
const held: Ending = { kind: 'held' };
const leaked: Ending = { kind: 'failed', failure: new ExpectationFailed('denied', new Mismatch('401', '200'), ['200']) };
const outcome = (ending: Ending, sometimes: boolean, expired = false) =>
  judgeRun(check, ending, { entry: entry(sometimes), expired }).verdict;

test('a gap that shows every time is stale when the check passes', () => {
  expect([outcome(leaked, false), outcome(held, false)]).toEqual(['known-gap', 'fail']);
});

test('a gap that is a race stays known when it does not show, so that executions with and without it are no flake', () => {
  expect([outcome(leaked, true), outcome(held, true)]).toEqual(['known-gap', 'known-gap']);
});

test('an entry that has expired excuses nothing', () => {
  expect([outcome(leaked, true, true), outcome(held, true, true)]).toEqual(['fail', 'fail']);
});

test('what the gateway has no words for is not applicable, with or without a sabotage, and no gap of it', () => {
  const unsaid: Ending = { kind: 'not-applicable', reason: 'no words' };
  expect(judgeRun(check, unsaid, undefined)).toEqual({ verdict: 'not-applicable', reason: 'no words' });
  const sabotaged = { execution: 'a@b', sabotage: 'subject-left-out' };
  expect(judgeProof(check, sabotaged, unsaid, true)).toEqual({ verdict: 'not-applicable', reason: 'no words' });
  expect(judgeRun(check, unsaid, { entry: entry(false), expired: false })).toMatchObject({
    verdict: 'fail',
    reason: expect.stringContaining('is stale') as string,
  });
});
