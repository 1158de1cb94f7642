// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { assertProxy, lackingParts } from './lacking-parts.ts';

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

test('a proxy that is in no registry is missing until any is given, whatever is in it', async () => {
  const parts = { proxy: { title: 'the proxy', reason: 'give one' } };
  expect(await lackingParts({ parts }, {})).toEqual({ proxy: 'the proxy is missing: give one' });
  expect(await lackingParts({ parts }, { proxyBinary: 'a' })).toEqual({});
  expect(await lackingParts({ parts }, { proxyImage: 'a' })).toEqual({});
});

test('what makes no sense without a proxy is refused with how to give one', () => {
  const target = { title: 'sample', parts: { proxy: { title: 'the proxy', reason: 'one is given by --proxy-bin' } } };
  expect(() => assertProxy(target, {}, 'load')).toThrow(
    expect.objectContaining({ code: 'GAUNTLET_USAGE', hint: 'Give one: one is given by --proxy-bin.' }),
  );
  expect(() => assertProxy(target, { proxyBinary: 'a' }, 'load')).not.toThrow();
  expect(() => assertProxy({ title: 'sample', parts: {} }, {}, 'load')).not.toThrow();
});
