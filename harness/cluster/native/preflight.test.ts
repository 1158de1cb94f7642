// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkDirectory, checkMachine, findProgram } from './preflight.ts';

test('another operating system and another user are refused by name', async () => {
  await expect(checkMachine({ platform: 'darwin', uid: 0, path: '' })).rejects.toMatchObject({ code: 'GAUNTLET_UNSUPPORTED_PLATFORM' });
  await expect(checkMachine({ platform: 'linux', uid: 1000, path: '' })).rejects.toMatchObject({
    code: 'GAUNTLET_NO_ROOT',
    message: expect.stringContaining('1000') as string,
  });
});

test('missing programs are named with the Debian packages that bring them', async () => {
  await expect(checkMachine({ platform: 'linux', uid: 0, path: '/nowhere' })).rejects.toMatchObject({
    code: 'GAUNTLET_OS_PACKAGE_MISSING',
    message: expect.stringContaining('iptables') as string,
    hint: expect.stringMatching(/apt-get install .* containerd .*iptables.* runc.* util-linux/) as string,
  });
});

test('a folder that the cluster hides from itself is refused', async () => {
  for (const directory of ['/run/gauntlet', '/proc', '/dev/shm/x']) {
    await expect(checkDirectory(directory)).rejects.toMatchObject({ code: 'GAUNTLET_USAGE' });
  }
});

test('a program is found in PATH only where it can be executed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-path-'));
  await writeFile(join(folder, 'tool'), '');
  expect(await findProgram('tool', `/nowhere:${folder}`)).toBeUndefined();
  await chmod(join(folder, 'tool'), 0o755);
  expect(await findProgram('tool', `/nowhere:${folder}`)).toBe(join(folder, 'tool'));
  await rm(folder, { recursive: true });
});
