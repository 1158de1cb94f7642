// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lackingParts } from './lacking-parts.ts';

const part = (path: string) => ({ title: `The part ${path}`, path, reason: 'nobody has it' });

test('images that are built here lack every part, with its reason', async () => {
  const parts = { module: part('lib/module.so'), other: part('lib/other.so') };
  expect(await lackingParts({ parts }, {})).toEqual({
    module: 'The part lib/module.so is missing: nobody has it',
    other: 'The part lib/other.so is missing: nobody has it',
  });
});

test('a target without parts reads no image', async () => {
  expect(await lackingParts({ parts: {} }, { proxyImage: join('no', 'such', 'file') })).toEqual({});
});

test('an image that cannot be read is an error, not a part that is missing', async () => {
  await expect(lackingParts({ parts: { module: part('a') } }, { proxyImage: join('no', 'such', 'file') })).rejects.toMatchObject({
    code: 'GAUNTLET_IMAGE',
  });
});
