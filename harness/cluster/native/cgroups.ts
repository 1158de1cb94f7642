// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isErrno } from '../../errors.ts';
import { controlling, hierarchies } from '../../machine/cgroup-hierarchies.ts';
import { milliseconds, seconds } from '../../units.ts';

/** Path of a cluster's own group in every hierarchy. It is a child of the root, so that no other cluster's removal can race with its making. */
export const cgroupRootOf = (name: string): string => `/gauntlet-${name}`;

/** Makes a cluster's group in every hierarchy, ready to hold the groups of pods. */
export async function makeCgroups(cgroupRoot: string): Promise<void> {
  for (const { version, mountPoint, controllers } of controlling(await hierarchies())) {
    const group = join(mountPoint, cgroupRoot);
    if (version === 2) await delegate(mountPoint);
    await mkdir(group, { recursive: true });
    if (version === 2) await delegate(group);
    // A new group must be told of processors and memory nodes before it takes any process.
    if (version === 1 && controllers.includes('cpuset')) {
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
