// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { renderers } from './index.ts';
import { sampleRun } from './testdata/sample.ts';

it('writes each report to a file of its own', async () => {
  expect(new Set(renderers.map((renderer) => renderer.file)).size).toBe(renderers.length);
  for (const { render } of renderers) {
    expect(await render(sampleRun(), { readEvidence: () => Promise.resolve(undefined) })).toContain('extauth-server-down');
  }
});
