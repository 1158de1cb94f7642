// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Check, RegisteredCheck } from './check.ts';
import { discoverChecks, register } from './registry.ts';
import { sampleCheck } from './testing/sample.ts';

const features = [{ id: 'routing.http', title: 'HTTP routing', claim: 'Routes by host and path.' }];
const root = mkdtempSync(join(tmpdir(), 'gauntlet-registry-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;

/** A folder of suites with these files. */
function suitesWith(files: Readonly<Record<string, string>>): string {
  folders += 1;
  const suites = join(root, String(folders), 'suites');
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(suites, path)), { recursive: true });
    writeFileSync(join(suites, path), text);
  }
  return suites;
}

const declaration = (id: string): string =>
  `{ id: '${id}', title: 't', feature: 'routing.http', level: 'MUST', priority: 'P0', specification: [{ title: 's', url: 'u' }], requires: [],
     sabotages: [{ name: 'left-out', title: 'l', breaks: 'b' }], serial: false, run: async () => {} }`;

test('checks are found wherever a file exports one or a list of them, by id', async () => {
  const suites = suitesWith({
    'routing/basic.ts': `export default ${declaration('routing-basic')};`,
    'family.ts': `export default [${declaration('z-last')}, ${declaration('a-first')}];`,
    'routing/shared.ts': 'export const shared = 1;',
    'features.ts': 'throw new Error("not a check");',
    'define-check.ts': 'throw new Error("not a check");',
    'routing/basic.test.ts': 'throw new Error("not a check");',
  });
  const checks = await discoverChecks(suites, features);
  expect(checks.map(({ id, file }) => [id, file])).toEqual([
    ['a-first', 'suites/family.ts'],
    ['routing-basic', 'suites/routing/basic.ts'],
    ['z-last', 'suites/family.ts'],
  ]);
});

test.each([
  ['export default {};', 'suites/odd.ts: has a default export that is neither a check nor a list of checks'],
  ['export default [1];', 'suites/odd.ts: has a default export that is neither a check nor a list of checks'],
  ['throw new Error("broken at import");', 'suites/odd.ts: cannot be loaded: broken at import'],
  [`export default [${declaration('a')}, ${declaration('a')}];`, 'suites/odd.ts: check "a" is declared twice'],
])('%s is refused with the name of its file', async (text, message) => {
  await expect(discoverChecks(suitesWith({ 'odd.ts': text }), features)).rejects.toMatchObject({
    code: 'GAUNTLET_CONFIG_INVALID',
    message,
  });
});

test('two files must not declare the same check', () => {
  const checks = ['one.ts', 'two.ts'].map((file): RegisteredCheck => ({ ...sampleCheck(() => Promise.resolve()), file }));
  expect(() => register(checks, features)).toThrow('two.ts: check "extauth-deny" is also declared in one.ts');
});

const left = { name: 'left-out', title: 'left out', breaks: 'denied' };

test.each<readonly [Partial<Check>, string]>([
  [{ id: 'Extauth_Deny' }, 'has an id that is not kebab-case'],
  [{ title: ' ' }, 'has no title'],
  [{ feature: 'routing.udp' }, 'names the feature routing.udp, and suites/features.ts has no such row'],
  [{ specification: [] }, 'cites nothing that its requirement comes from'],
  [{ sabotages: [] }, 'has no sabotage, so nobody knows whether it can fail'],
  [{ sabotages: [left, left] }, 'has two sabotages called left-out'],
  [{ sabotages: [{ ...left, name: 'Left out' }] }, 'has a sabotage "Left out" whose name is not kebab-case'],
  [{ sabotages: [{ ...left, breaks: '' }] }, 'does not say which expectation the sabotage left-out breaks'],
  [{ sabotages: [{ ...left, title: '' }] }, 'does not say what the sabotage left-out does'],
])('a check that is not sound is refused: %j', (defect, message) => {
  const check: RegisteredCheck = { ...sampleCheck(() => Promise.resolve(), defect), file: 'suites/a.ts' };
  expect(() => register([check], features)).toThrow(`suites/a.ts: check ${JSON.stringify(check.id)} ${message}`);
});
