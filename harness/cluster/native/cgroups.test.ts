// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { cgroupRootOf } from './cgroups.ts';

test('the group of a cluster is a child of the root', () => {
  expect(cgroupRootOf('run-1')).toBe('/gauntlet-run-1');
});
