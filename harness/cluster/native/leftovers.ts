// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { isAlive } from '../process-identity.ts';
import type { Registry, RegistryEntry } from '../registry.ts';
import { removeCgroups } from './cgroups.ts';
import { disposablesOf, layoutOf } from './layout.ts';

/** Removes what a cluster whose processes are gone has left: its groups, its images and volumes, its keys. Logs and events stay. */
export async function removeLeftovers(registry: Registry, entry: RegistryEntry): Promise<void> {
  await Promise.all([
    removeCgroups(entry.cgroupRoot),
    ...disposablesOf(layoutOf(entry.directory)).map((path) => rm(path, { recursive: true, force: true })),
  ]);
  await registry.remove(entry.name);
}

/**
 * Removes what clusters with dead owners have left.
 *
 * @returns their names.
 */
export async function sweep(registry: Registry): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const entry of await registry.list()) {
    if ((await isAlive(entry.owner)) || (entry.init !== undefined && (await isAlive(entry.init)))) continue;
    await removeLeftovers(registry, entry);
    swept.push(entry.name);
  }
  return swept;
}
