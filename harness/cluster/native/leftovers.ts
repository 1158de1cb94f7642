// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds, seconds } from '../../units.ts';
import { isAlive, type ProcessIdentity } from '../process-identity.ts';
import type { Registry, RegistryEntry } from '../registry.ts';
import { removeCgroups } from './cgroups.ts';
import { disposablesOf, layoutOf } from './layout.ts';

/**
 * Ends what is still alive of a cluster, and removes what it has left: its groups, its images and volumes, its keys. Logs and events stay.
 *
 * @throws Error when a process or a group does not go away, which only a fault of the kernel or a disk can cause.
 */
export async function removeCluster(registry: Registry, entry: RegistryEntry): Promise<void> {
  if (entry.init !== undefined) await end(entry.init);
  await Promise.all([
    removeCgroups(entry.cgroupRoot),
    ...disposablesOf(layoutOf(entry.directory)).map((path) => rm(path, { recursive: true, force: true })),
  ]);
  await registry.remove(entry.name);
}

/**
 * Removes clusters with dead owners. Their processes are dead too, or about to be: the last of them takes a moment to go.
 *
 * @returns their names.
 */
export async function sweep(registry: Registry): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const entry of await registry.list()) {
    if (await isAlive(entry.owner)) continue;
    await removeCluster(registry, entry);
    swept.push(entry.name);
  }
  return swept;
}

/** Kills PID 1 of a cluster; the kernel reaps it only after everything else in its namespace. */
async function end(init: ProcessIdentity): Promise<void> {
  const deadline = performance.now() + seconds(10).ms;
  while (await isAlive(init)) {
    if (performance.now() > deadline) throw new Error(`process ${init.pid} does not end`);
    kill(init.pid);
    await delay(milliseconds(10).ms);
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
