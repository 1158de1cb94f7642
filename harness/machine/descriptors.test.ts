// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { assertDescriptors } from './descriptors.ts';

const limits = (soft: string): string =>
  [
    'Limit                     Soft Limit           Hard Limit           Units',
    `Max open files            ${soft}                 1048576              files`,
  ].join('\n');

it('too few descriptors are the fault of the machine, not of the gateway', () => {
  expect(() => assertDescriptors(512, limits('512'))).toThrow(expect.objectContaining({ code: 'GAUNTLET_MACHINE' }));
  expect(() => assertDescriptors(512, limits('1024'))).not.toThrow();
  expect(() => assertDescriptors(1e6, limits('unlimited'))).not.toThrow();
  expect(() => assertDescriptors(1e6, '')).not.toThrow();
});
