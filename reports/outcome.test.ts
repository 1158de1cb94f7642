// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { renderers } from './index.ts';
import { architectureText } from './outcome.ts';
import { renderSummary } from './terminal/summary.ts';
import { sampleRun } from './testdata/sample.ts';

const on = (architecture: string) => {
  const { run, environment } = sampleRun();
  return sampleRun({ run: { ...run, architecture: 'arm64' }, environment: { ...environment, machine: { architecture } } });
};
const mark = 'arm64 (emulated on amd64)';

it('an architecture that the machine does not have is said to be emulated', () => {
  expect([on('x64'), on('arm64'), sampleRun()].map(architectureText)).toEqual([mark, 'arm64', 'amd64']);
});

it('every report for people says so', async () => {
  const context = { readEvidence: () => Promise.resolve(undefined) };
  for (const { name, render } of renderers)
    if (name !== 'json') expect((await render(on('x64'), context)).replaceAll('\\', ''), name).toContain(mark);
  expect(renderSummary(on('x64'), { colour: false, width: 200, runDirectory: 'out/r' })).toContain(mark);
});
