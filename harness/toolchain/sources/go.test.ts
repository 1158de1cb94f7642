// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../lock.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { removeGoBuildCache } from './go.ts';

function cacheWithBuilds(): string {
  const cache = temporaryFolder();
  mkdirSync(join(cache, 'go-build', '0c'), { recursive: true });
  writeFileSync(join(cache, 'go-build', '0c', 'object'), 'compiled');
  return cache;
}

test('the build cache is removed, with what a killed removal left', async () => {
  const cache = cacheWithBuilds();
  mkdirSync(join(cache, 'go-build.removed', '1d'), { recursive: true });
  await removeGoBuildCache(cache);
  expect(readdirSync(cache)).toEqual(['go-build.lock']);
});

test('it stays while a build holds it', async () => {
  const cache = cacheWithBuilds();
  await withLock(join(cache, 'go-build.lock'), {}, () => removeGoBuildCache(cache));
  expect(existsSync(join(cache, 'go-build', '0c', 'object'))).toBe(true);
});
