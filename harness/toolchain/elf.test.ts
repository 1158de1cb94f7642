// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readElf } from './elf.ts';
import { elfImage } from './testing/elf-image.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

function fileWith(content: Buffer | string): string {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, content);
  return path;
}

test('reads machine, dynamic linker and libraries', async () => {
  const image = elfImage({ machine: 0xb7, interpreter: '/lib/ld-linux-aarch64.so.1', needed: ['libm.so.6', 'libc.so.6'] });
  expect(await readElf(fileWith(image))).toEqual({
    machine: 'arm64',
    isWhole: true,
    interpreter: '/lib/ld-linux-aarch64.so.1',
    needed: ['libm.so.6', 'libc.so.6'],
  });
});

test('a static executable has neither linker nor libraries', async () => {
  expect(await readElf(fileWith(elfImage()))).toEqual({ machine: 'amd64', isWhole: true, interpreter: undefined, needed: [] });
});

test('a file that was cut off says so', async () => {
  const image = elfImage({ needed: ['libc.so.6'] });
  for (const length of [64, 100, image.length - 1]) {
    expect(await readElf(fileWith(image.subarray(0, length)))).toMatchObject({ isWhole: false });
  }
});

test('a machine that Gauntlet does not know stays a number', async () => {
  expect(await readElf(fileWith(elfImage({ machine: 0xf3 })))).toMatchObject({ machine: 0xf3 });
});

test.each([
  ['a script', '#!/bin/sh\nexit 0\n'],
  ['an empty file', ''],
  ['a 32-bit executable', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(58)])],
  ['a big-endian executable', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 2]), Buffer.alloc(58)])],
])('%s is not an ELF file of ours', async (_, content) => {
  expect(await readElf(fileWith(content))).toBeUndefined();
});

test('no damage to the headers makes it throw', async () => {
  const path = fileWith('');
  const image = elfImage({ interpreter: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6'] });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { minLength: 1 }),
      fc.nat(image.length),
      async (damage, length) => {
        const damaged = Buffer.from(image);
        for (const [position, value] of damage) damaged[position] = value;
        writeFileSync(path, damaged.subarray(0, length));
        const elf = await readElf(path);
        expect(elf === undefined || Array.isArray(elf.needed)).toBe(true);
      },
    ),
  );
});

test('reads the executable that runs this test', async () => {
  expect(await readElf(process.execPath)).toMatchObject({
    machine: process.arch === 'arm64' ? 'arm64' : 'amd64',
    needed: expect.arrayContaining(['libc.so.6']) as unknown,
  });
});
