// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import type { RunDocument } from '../../run/document.ts';
import type { ChecksJob } from './job.ts';
import { secondLook } from './second-look.ts';

const busy = 'GAUNTLET_MACHINE: The generator missed too much';
const document = {
  checks: [
    {
      id: 'a',
      executions: [
        { execution: 'a#1', verdict: 'could-not-run', reason: busy },
        { execution: 'a#2', verdict: 'pass' },
      ],
    },
    { id: 'b', executions: [{ execution: 'b', verdict: 'could-not-run', reason: 'GAUNTLET_PEER: gone' }] },
    { id: 'c', executions: [{ execution: 'c' }] },
  ],
} as unknown as RunDocument;
const work = (jobs: number) =>
  ({
    jobs,
    plan: ['a', 'b', 'c'].map((id) => ({ id, executions: (id === 'a' ? ['a#1', 'a#2'] : [id]).map((execution) => ({ execution })) })),
  }) as unknown as ChecksJob;

test('takes what the machine was too busy for, and nothing else, at half the pace', () => {
  expect(secondLook(document, work(4))).toEqual({
    jobs: 2,
    again: true,
    plan: [{ id: 'a', executions: [{ execution: 'a#1' }] }],
  });
});

test('is not needed where nothing was too much, and no use where one was played at a time', () => {
  expect(secondLook({ checks: document.checks.slice(1) }, work(4))).toBeUndefined();
  expect(secondLook(document, work(1))).toBeUndefined();
});
