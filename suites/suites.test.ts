// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baselineFor, readBaseline } from '../harness/check/baseline.ts';
import { discoverChecks } from '../harness/check/registry.ts';
import { targets } from '../fixtures/targets/index.ts';
import { fixtures } from './define-check.ts';
import { features } from './features.ts';

const suites = import.meta.dirname;
const checks = await discoverChecks(suites, features);

test('the checks of the first wave are all there', () => {
  // Ids are permanent: reports and baselines refer to them.
  expect(checks.map((check) => check.id)).toEqual([
    'apikey-header',
    'basic-inline',
    'boot-gatewayclass',
    'boot-proxy-objects',
    'extauth-allow-deny',
    'extauth-ge-deleted-live',
    'extauth-missing-ge-route',
    'extauth-server-down',
    'jwt-inline',
    'mtls-missing-ref',
    'mtls-valid-only',
    'nack-lds-cipher',
    'routing-basic',
    'routing-header-modifier',
    'routing-unknown-host',
    'val-invalid-policy',
  ]);
});

test.each(checks)('$id stands in a file of its name, and requires fixtures that exist', ({ id, file, requires }) => {
  expect(file.endsWith(`/${id}.ts`)).toBe(true);
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
