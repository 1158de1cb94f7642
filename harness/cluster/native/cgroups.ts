// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno } from '../../errors.ts';
import { milliseconds, seconds } from '../../units.ts';

/** A mounted cgroup hierarchy: one for all controllers in version 2, one for each in version 1. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Whether it places processes on processors and memory nodes, which a new group must be told before it takes any process. */
  readonly isCpuset: boolean;
}

/** All hierarchies, from the text of `/proc/self/mountinfo`. */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  return mountinfo.split('\n').flatMap((line): Hierarchy[] => {
    const [mount, details] = line.split(' - ');
    const mountPoint = mount?.split(' ')[4];
    const [type, , options] = details?.split(' ') ?? [];
    if (mountPoint === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    return [{ version: type === 'cgroup' ? 1 : 2, mountPoint, isCpuset: options?.split(',').includes('cpuset') ?? false }];
  });
}

/** Those that control containers: with any of version 1, version 2 is there for bookkeeping alone. */
export function controlling(all: readonly Hierarchy[]): readonly Hierarchy[] {
  const first = all.filter(({ version }) => version === 1);
  return first.length > 0 ? first : all;
}

/** The hierarchies of this machine. */
export async function hierarchies(): Promise<readonly Hierarchy[]> {
  return parseHierarchies(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Path of a cluster's own group in every hierarchy. It is a child of the root, so that no other cluster's removal can race with its making. */
export const cgroupRootOf = (name: string): string => `/gauntlet-${name}`;

/** Makes a cluster's group in every hierarchy, ready to hold the groups of pods. */
export async function makeCgroups(cgroupRoot: string): Promise<void> {
  for (const { version, mountPoint, isCpuset } of controlling(await hierarchies())) {
    const group = join(mountPoint, cgroupRoot);
    if (version === 2) await delegate(mountPoint);
    await mkdir(group, { recursive: true });
    if (version === 2) await delegate(group);
    if (isCpuset) {
      for (const file of ['cpuset.cpus', 'cpuset.mems']) await writeFile(join(group, file), await readFile(join(mountPoint, file)));
    }
  }
}

/** Lets the children of a version 2 group use all controllers that it has itself. */
async function delegate(group: string): Promise<void> {
  const controllers = (await readFile(join(group, 'cgroup.controllers'), 'utf8')).trim().split(' ').filter(Boolean);
  await writeFile(join(group, 'cgroup.subtree_control'), controllers.map((controller) => `+${controller}`).join(' '));
}

/**
 * Removes a cluster's groups. A group can be busy for a moment after its last process was killed, so this asks again for a few seconds.
 *
 * @throws Error of the kernel when a group stays busy: some process of the cluster lives.
 */
export async function removeCgroups(cgroupRoot: string): Promise<void> {
  const deadline = performance.now() + seconds(5).ms;
  for (const { mountPoint } of await hierarchies()) {
    while (!(await tryRemove(join(mountPoint, cgroupRoot), performance.now() > deadline))) await delay(milliseconds(20).ms);
  }
}

async function tryRemove(group: string, isLastTry: boolean): Promise<boolean> {
  try {
    await removeTree(group);
    return true;
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return true;
    if (isErrno(error) && (error.code === 'EBUSY' || error.code === 'ENOTEMPTY') && !isLastTry) return false;
    throw error;
  }
}

/** Groups are folders whose files go with them: only folders are removed, the innermost first. */
async function removeTree(group: string): Promise<void> {
  const entries = await readdir(group, { withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(group, entry.name));
  await rmdir(group);
}
