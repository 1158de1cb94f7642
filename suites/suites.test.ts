// SPDX-License-Identifier: Apache-2.0
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { baselineFor, readBaseline } from '../harness/check/baseline.ts';
import { discoverChecks } from '../harness/check/registry.ts';
import { targets } from '../fixtures/targets/index.ts';
import { fixtures } from './define-check.ts';
import { features } from './features.ts';
import { readCatalogue } from './kgateway/catalogue.ts';

const suites = import.meta.dirname;
const checks = await discoverChecks(suites, features);

const catalogue = await readCatalogue(join(suites, 'kgateway', 'catalogue.yaml'));

test.each(catalogue)('$id of the catalogue is a check of its priority, or says why there is none', ({ id, priority, reason }) => {
  const check = checks.find((one) => one.id === id);
  expect({ priority: check?.priority, reasoned: reason !== undefined }).toEqual({ priority, reasoned: priority === undefined });
});

test.each(checks)('$id stands in a file of its name or of its family, and requires fixtures that exist', ({ id, file, requires }) => {
  const name = basename(file, '.ts');
  expect(id === name || id.startsWith(`${name}-`)).toBe(true);
  expect(Object.keys(fixtures)).toEqual(expect.arrayContaining([...requires]));
});

test.each(checks.flatMap((check) => check.specification))('$title is cited with a link', ({ url }) => {
  expect(URL.canParse(url)).toBe(true);
});

test('every feature is a row once, is checked, and is claimed by nobody without being a row', () => {
  const rows = features.map((feature) => feature.id);
  expect(new Set(rows).size).toBe(rows.length);
  expect(rows.filter((row) => !checks.some((check) => check.feature === row))).toEqual([]);
  expect(targets.flatMap((target) => target.features).filter((claimed) => !rows.includes(claimed))).toEqual([]);
});

test.each(targets)('the baseline is valid for $title', async (target) => {
  const entries = await readBaseline(join(suites, 'baseline.yaml'));
  expect([...baselineFor(entries, target, checks).values()].every((entry) => entry.target === target.name)).toBe(true);
});
