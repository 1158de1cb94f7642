// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { cachePlace, clearPlace, fillPlace, inspectPlace, type CachePlace } from './cache.ts';
import { exampleTool } from './testing/example-tool.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

function examplePlace(): CachePlace {
  return cachePlace(temporaryFolder(), exampleTool(), 'amd64');
}

function fillWith(place: CachePlace, text: string): Promise<unknown> {
  return fillPlace(place, (content) => {
    writeFileSync(join(content, 'example'), text);
    return Promise.resolve({ origin: 'build', provenance: 'written by a test' });
  });
}

test('a place is named by tool, version and architecture, and by what decides the content', () => {
  const { directory } = cachePlace('/cache', exampleTool(), 'amd64');
  expect(directory).toMatch(/^\/cache\/tools\/example\/1\.2\.3-amd64-[0-9a-f]{12}$/);
  expect(cachePlace('/cache', exampleTool({ title: 'Another title' }), 'amd64').directory).toBe(directory);
  expect(cachePlace('/cache', exampleTool({ outputs: ['other'] }), 'amd64').directory).not.toBe(directory);
});

test('what was put in comes out, with its digest and where it came from', async () => {
  const place = examplePlace();
  expect(await inspectPlace(place, false)).toEqual({ state: 'absent' });
  await fillWith(place, 'a');
  expect(readFileSync(join(place.content, 'example'), 'utf8')).toBe('a');
  expect(await inspectPlace(place, true)).toMatchObject({
    state: 'ready',
    digest: 'sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
    manifest: { origin: 'build', provenance: 'written by a test' },
  });
});

test('a preparation that fails leaves the place as it was and nothing beside it', async () => {
  const place = examplePlace();
  await fillWith(place, 'old');
  const failing = fillPlace(place, (content) => {
    writeFileSync(join(content, 'example'), 'half');
    return Promise.reject(new Error('it broke'));
  });
  await expect(failing).rejects.toThrow('it broke');
  expect(readFileSync(join(place.content, 'example'), 'utf8')).toBe('old');
  expect(readdirSync(dirname(place.directory))).toHaveLength(1);
});

test('what a killed preparation left is removed by the next one', async () => {
  const place = examplePlace();
  const left = `${place.directory}.tmp-killed`;
  mkdirSync(left, { recursive: true });
  await fillWith(place, 'new');
  expect(existsSync(left)).toBe(false);
  expect(readFileSync(join(place.content, 'example'), 'utf8')).toBe('new');
});

test.each([
  ['a changed file', (place: CachePlace) => writeFileSync(join(place.content, 'example'), 'damaged'), 'example has 7 bytes'],
  [
    'a manifest that is no JSON',
    (place: CachePlace) => writeFileSync(join(place.directory, 'manifest.json'), '{"entries": ['),
    'its manifest cannot be read',
  ],
  [
    'a manifest of another form',
    (place: CachePlace) => writeFileSync(join(place.directory, 'manifest.json'), '[]'),
    'its manifest cannot be read',
  ],
])('%s is corrupt', async (_, damage, reason) => {
  const place = examplePlace();
  await fillWith(place, 'a');
  damage(place);
  expect(await inspectPlace(place, false)).toEqual({ state: 'corrupt', reason: expect.stringContaining(reason) as unknown });
  await clearPlace(place);
  expect(await inspectPlace(place, false)).toEqual({ state: 'absent' });
});
