// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { podGroup } from './pod-group.ts';

const uid = 'f020ca00-a327-4bc1-951a-2e19c88fe192';

test('version 1: the group of the pod in each hierarchy, and its containers pinned one by one', async () => {
  const root = temporaryFolder();
  const group = (controller: string): string => join(root, controller, 'gauntlet-run', 'kubepods', 'besteffort', `pod${uid}`);
  for (const controller of ['cpuacct', 'memory', 'cpuset', 'cpu']) {
    mkdirSync(join(group(controller), 'container'), { recursive: true });
    mkdirSync(join(root, controller, 'other', 'pod-without'), { recursive: true });
  }
  writeFileSync(join(group('cpuacct'), 'cpuacct.usage'), '1500000000\n');
  writeFileSync(join(group('memory'), 'memory.stat'), 'cache 7\ntotal_cache 9\ntotal_rss 4096\n');
  const all = ['cpuacct', 'memory', 'cpuset', 'cpu'].map(
    (name) => ({ version: 1, mountPoint: join(root, name), controllers: [name] }) as const,
  );
  const pod = await podGroup(uid, all);
  expect(await pod.cpuSeconds()).toBe(1.5);
  expect(await pod.memoryBytes()).toBe(4096);
  await pod.adopt(4711);
  expect(await pod.processes()).toEqual([4711]);
  await pod.pin('1');
  expect(readFileSync(join(group('cpuset'), 'container', 'cpuset.cpus'), 'utf8')).toBe('1');
  await pod.limit(0.25);
  const written = (file: string): string => readFileSync(join(group('cpu'), file), 'utf8');
  expect([written('cpu.cfs_quota_us'), written('cpu.cfs_period_us')]).toEqual(['2500', '10000']);
});

test('version 2: one group, under the name that systemd gives it', async () => {
  const root = temporaryFolder();
  const group = join(root, 'kubepods.slice', 'kubepods-besteffort.slice', `kubepods-besteffort-pod${uid.replaceAll('-', '_')}.slice`);
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, 'cpu.stat'), 'usage_usec 250000\nuser_usec 200000\n');
  writeFileSync(join(group, 'memory.stat'), 'anon 8192\nfile 1\n');
  const pod = await podGroup(uid, [{ version: 2, mountPoint: root, controllers: [] }]);
  expect(await pod.cpuSeconds()).toBe(0.25);
  expect(await pod.memoryBytes()).toBe(8192);
  await pod.limit(1.5);
  expect(readFileSync(join(group, 'cpu.max'), 'utf8')).toBe('15000 10000');
});

test('a pod that runs elsewhere is a matter of the machine, not a number', async () => {
  const root = temporaryFolder();
  const nowhere = podGroup(uid, [{ version: 2, mountPoint: root, controllers: [] }]);
  await expect(nowhere).rejects.toMatchObject({ code: 'GAUNTLET_MACHINE' });
});
