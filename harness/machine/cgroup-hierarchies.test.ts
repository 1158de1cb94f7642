// SPDX-License-Identifier: Apache-2.0
import { expect, test } from 'vitest';
import { controlling, parseHierarchies } from './cgroup-hierarchies.ts';

const root = '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw';

test('version 1: every hierarchy with its controllers, and version 2 beside them for bookkeeping alone', () => {
  const all = parseHierarchies(
    [
      root,
      '30 29 0:26 / /sys/fs/cgroup/cpuset rw,relatime - cgroup cgroup rw,cpuset',
      '31 29 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct',
      '32 29 0:28 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw',
    ].join('\n'),
  );
  expect(all.map(({ mountPoint }) => mountPoint)).toEqual([
    '/sys/fs/cgroup/cpuset',
    '/sys/fs/cgroup/cpu,cpuacct',
    '/sys/fs/cgroup/unified',
  ]);
  expect(controlling(all)).toEqual([
    { version: 1, mountPoint: '/sys/fs/cgroup/cpuset', controllers: ['cpuset'] },
    { version: 1, mountPoint: '/sys/fs/cgroup/cpu,cpuacct', controllers: ['cpu', 'cpuacct'] },
  ]);
});

test('version 2: the one hierarchy', () => {
  const all = parseHierarchies([root, '35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate', ''].join('\n'));
  expect(controlling(all)).toEqual([{ version: 2, mountPoint: '/sys/fs/cgroup', controllers: [] }]);
});
