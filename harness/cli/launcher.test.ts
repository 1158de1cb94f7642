// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { repositoryRoot } from './paths.ts';

it('the launcher installs nothing through a link, which would empty the packages of another checkout', async () => {
  const folder = temporaryFolder();
  const [checkout, theirs] = [join(folder, 'checkout'), join(folder, 'theirs')];
  mkdirSync(checkout);
  mkdirSync(theirs);
  writeFileSync(join(theirs, 'package'), '');
  symlinkSync(theirs, join(checkout, 'node_modules'));
  for (const file of ['gauntlet', 'package.json', 'package-lock.json']) copyFileSync(join(repositoryRoot, file), join(checkout, file));
  const { exitCode, stderr } = await execa(join(checkout, 'gauntlet'), ['--version'], { reject: false });
  expect(stderr).toMatch(/GAUNTLET_USAGE[^]*symbolic link[^]*next: Remove the link/);
  expect(exitCode).toBe(2);
  expect(existsSync(join(theirs, 'package'))).toBe(true);
});
