// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { defineCheckWith, subjectLeftOut, type FixtureFactory } from './check.ts';

const server: FixtureFactory = Object.assign(() => Promise.resolve('server'), { needs: ['proxy', 'module'] });
const client: FixtureFactory = () => Promise.resolve('client');

test('a check needs what it says and what its fixtures need, each once', () => {
  const define = defineCheckWith({ server, client });
  const declared = {
    id: 'a',
    title: 'A',
    feature: 'routing.http',
    specification: [],
    sabotages: [{ name: subjectLeftOut, title: '', breaks: 'it' }],
    run: () => Promise.resolve(),
  } as const;
  expect(define({ ...declared, requires: ['client'] }).needs).toEqual([]);
  expect(define({ ...declared, requires: ['client', 'server'], needs: ['module', 'shell'] }).needs).toEqual(['module', 'shell', 'proxy']);
});
