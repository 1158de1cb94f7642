// SPDX-License-Identifier: Apache-2.0
import { builtinModules } from 'node:module';
import { expect, it } from 'vitest';
import { bundlePeers } from './bundle.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peersImage } from './image.ts';

it('needs nothing but Node', async () => {
  const { code } = await bundlePeers();
  const imports = [...code.matchAll(/^import .* from "([^"]+)";$/gm)].map(([, name]) => name ?? '');
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((name) => !builtinModules.includes(name.replace('node:', '')))).toEqual([]);
});

it('says nothing of the machine that it was made on', async () => {
  const { code } = await bundlePeers();
  expect(code).not.toContain(import.meta.dirname);
  expect(code).not.toContain('file:///');
});

it('is named by its content', async () => {
  const { sha256 } = await bundlePeers();
  const directory = await mkdtemp(join(tmpdir(), 'gauntlet-bundle-'));
  expect((await peersImage(directory)).reference).toBe(`gauntlet.dev/peers:${sha256.slice(0, 16)}`);
  await rm(directory, { recursive: true });
});
