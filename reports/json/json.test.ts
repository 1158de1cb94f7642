// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { sampleRun } from '../testdata/sample.ts';
import { renderJson } from './json.ts';

it('is the document, one property a line', () => {
  const json = renderJson(sampleRun());
  expect(JSON.parse(json)).toEqual(sampleRun());
  expect(json).toContain('\n  "documentVersion": 1,\n');
});
