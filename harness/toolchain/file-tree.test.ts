// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyTree, findDifference, makeProgramsExecutable, moveOutputs, readTree, treeDigest } from './file-tree.ts';
import { elfImage } from './testing/elf-image.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const hashOfA = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';

function exampleTree(): string {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'lib'));
  writeFileSync(join(directory, 'lib', 'libc.so.6'), 'a');
  symlinkSync('libc.so.6', join(directory, 'lib', 'libc.so'));
  return directory;
}

test('lists files and links with what identifies them', async () => {
  const tree = await readTree(exampleTree());
  expect(tree).toEqual([
    { path: 'lib/libc.so', target: 'libc.so.6' },
    { path: 'lib/libc.so.6', sha256: hashOfA, size: 1, mtimeMs: expect.any(Number) as unknown },
  ]);
});

test('the digest of a single file is that of its content', () => {
  expect(treeDigest([{ path: 'etcd', sha256: hashOfA, size: 1, mtimeMs: 0 }])).toBe(`sha256:${hashOfA}`);
});

test('the digest of several files depends on names and contents, not on times', () => {
  const file = { path: 'a', sha256: hashOfA, size: 1, mtimeMs: 0 };
  const link = { path: 'b', target: 'a' };
  const digest = treeDigest([file, link]);
  expect(treeDigest([{ ...file, mtimeMs: 1 }, link])).toBe(digest);
  expect(treeDigest([{ ...file, path: 'c' }, link])).not.toBe(digest);
  expect(treeDigest([file, { ...link, target: 'c' }])).not.toBe(digest);
});

test.each([
  ['a file that is gone', (at: string) => unlinkSync(join(at, 'lib/libc.so.6')), 'lib/libc.so.6 is missing'],
  ['a truncated file', (at: string) => writeFileSync(join(at, 'lib/libc.so.6'), ''), 'lib/libc.so.6 has 0 bytes instead of 1'],
  ['a changed file', (at: string) => writeFileSync(join(at, 'lib/libc.so.6'), 'b'), 'lib/libc.so.6 has another content'],
  [
    'a link to elsewhere',
    (at: string) => {
      unlinkSync(join(at, 'lib/libc.so'));
      symlinkSync('/etc/passwd', join(at, 'lib/libc.so'));
    },
    'lib/libc.so no longer points to libc.so.6',
  ],
])('notices %s', async (_, damage, message) => {
  const directory = exampleTree();
  const recorded = await readTree(directory);
  expect(await findDifference(directory, recorded, false)).toBeUndefined();
  damage(directory);
  expect(await findDifference(directory, recorded, true)).toContain(message);
});

test('a file that was only touched is unchanged; one changed behind its time is found by the full comparison', async () => {
  const directory = exampleTree();
  const path = join(directory, 'lib/libc.so.6');
  const recorded = await readTree(directory);
  const { atimeMs, mtimeMs } = statSync(path);
  utimesSync(path, 1, 1);
  expect(await findDifference(directory, recorded, false)).toBeUndefined();
  writeFileSync(path, 'b');
  utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
  const [kept] = recorded.filter((entry) => 'mtimeMs' in entry);
  const sameTime = recorded.map((entry) => (entry === kept ? { ...entry, mtimeMs: statSync(path).mtimeMs } : entry));
  expect(await findDifference(directory, sameTime, false)).toBeUndefined();
  expect(await findDifference(directory, sameTime, true)).toContain('another content');
});

test('a copy can be written to, whatever the original allows', async () => {
  const from = exampleTree();
  const to = join(temporaryFolder(), 'copy');
  unlinkSync(join(from, 'lib/libc.so'));
  chmodSync(join(from, 'lib/libc.so.6'), 0o555);
  chmodSync(join(from, 'lib'), 0o555);
  await copyTree(from, to);
  expect(statSync(join(to, 'lib')).mode & 0o777).toBe(0o755);
  expect(statSync(join(to, 'lib/libc.so.6')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(to, 'lib/libc.so.6'), 'utf8')).toBe('a');
});

test('programs become executable, texts do not', async () => {
  const directory = temporaryFolder();
  writeFileSync(join(directory, 'binary'), elfImage());
  writeFileSync(join(directory, 'script'), '#!/bin/sh\n');
  writeFileSync(join(directory, 'text'), 'text');
  writeFileSync(join(directory, 'short'), '#');
  await makeProgramsExecutable(directory);
  const modes = ['binary', 'script', 'text', 'short'].map((name) => statSync(join(directory, name)).mode & 0o111);
  expect(modes).toEqual([0o111, 0o111, 0, 0]);
});

test('outputs are moved out of an archive, or all of it taken', async () => {
  const content = join(temporaryFolder(), 'content');
  mkdirSync(content);
  await moveOutputs(exampleTree(), { 'bin/c': 'lib/libc.so.6' }, content);
  expect(readFileSync(join(content, 'bin/c'), 'utf8')).toBe('a');
  await moveOutputs(exampleTree(), { '.': 'lib' }, content);
  expect(readlinkSync(join(content, 'libc.so'))).toBe('libc.so.6');
});
