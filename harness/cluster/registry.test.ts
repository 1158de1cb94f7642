// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { Registry, type RegistryEntry } from './registry.ts';

let folder = '';
let self: ProcessIdentity;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gauntlet-registry-'));
  self = (await identify(process.pid)) ?? { pid: 0, startTime: '' };
});

afterEach(() => rm(folder, { recursive: true }));

const entry = (name: string, owner: ProcessIdentity): RegistryEntry => ({
  name,
  provider: 'native',
  architecture: 'amd64',
  directory: `/tmp/${name}`,
  cgroupRoot: `/gauntlet-${name}`,
  owner,
  isDetached: false,
  isReady: true,
  startedAt: '2026-01-02T03:04:05.000Z',
});

test('what is written is read again, by name and as a list', async () => {
  const registry = new Registry(folder);
  await registry.claim(entry('b', self));
  await registry.claim(entry('a', self));
  expect(await registry.find('b')).toEqual(entry('b', self));
  expect((await registry.list()).map(({ name }) => name)).toEqual(['a', 'b']);
  await registry.remove('a');
  expect((await registry.list()).map(({ name }) => name)).toEqual(['b']);
});

test('a name of a live owner cannot be claimed, one of a dead owner can', async () => {
  const registry = new Registry(folder);
  await registry.claim(entry('mine', self));
  await expect(registry.claim(entry('mine', self))).rejects.toMatchObject({ code: 'GAUNTLET_USAGE' });
  await registry.write(entry('mine', { pid: self.pid, startTime: '1' }));
  await registry.claim(entry('mine', self));
  expect((await registry.find('mine'))?.owner).toEqual(self);
});

test('a damaged entry is no entry, and writing leaves no drafts', async () => {
  const registry = new Registry(folder);
  await registry.claim(entry('good', self));
  await writeFile(join(folder, 'clusters', 'torn.json'), '{"name":"torn","own');
  expect((await registry.list()).map(({ name }) => name)).toEqual(['good']);
  expect(await readdir(join(folder, 'clusters'))).toEqual(['good.json', 'torn.json']);
});
