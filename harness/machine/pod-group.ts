// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GauntletError } from '../errors.ts';
import { controlling, hierarchies, type Hierarchy } from './cgroup-hierarchies.ts';

/** The processes of a pod, as the kernel of the machine that runs them accounts for them. */
export interface PodGroup {
  /** Processor time since its containers started, of all their threads, in seconds; to the nanosecond (cgroup v1) or microsecond. */
  cpuSeconds(): Promise<number>;
  /** Anonymous memory, in bytes: without the page cache, which the kernel takes back when it likes. */
  memoryBytes(): Promise<number>;
  /** Its containers run on these processors alone: `0`, `0-1`. */
  pin(processors: string): Promise<void>;
  /** All its containers together get this much processor time a second, dealt out in hundredths of a second: 0.5 is half a processor. */
  limit(processors: number): Promise<void>;
  /** Ids of its processes; none where they are of another process namespace than this one. */
  processes(): Promise<readonly number[]>;
  /** From now on, what memory this process takes counts as the pod's. */
  adopt(processId: number): Promise<void>;
}

/** A tenth of the kernel's default: whoever has used up its share waits for a moment only. */
const periodUs = 10_000;

/**
 * The group of a pod that runs on this machine.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if it does not, as on an existing cluster.
 */
export async function podGroup(uid: string, all?: readonly Hierarchy[]): Promise<PodGroup> {
  const groups = controlling(all ?? (await hierarchies()));
  const of = async (controller: string): Promise<{ readonly folder: string; readonly version: 1 | 2 }> => {
    const hierarchy = groups.find(({ version, controllers }) => version === 2 || controllers.includes(controller));
    const folder = hierarchy === undefined ? undefined : await findGroup(hierarchy.mountPoint, uid);
    if (hierarchy !== undefined && folder !== undefined) return { folder, version: hierarchy.version };
    throw new GauntletError('GAUNTLET_MACHINE', `The pod ${uid} has no ${controller} group on this machine`, {
      hint: 'What processes use is only seen where they run: use the native cluster.',
    });
  };
  const [accounts, memory, processors, time] = [await of('cpuacct'), await of('memory'), await of('cpuset'), await of('cpu')];
  return {
    cpuSeconds: async () =>
      accounts.version === 1
        ? Number(await readFile(join(accounts.folder, 'cpuacct.usage'), 'utf8')) / 1e9
        : (await fieldOf(accounts.folder, 'cpu.stat', 'usage_usec')) / 1e6,
    memoryBytes: () =>
      memory.version === 1 ? fieldOf(memory.folder, 'memory.stat', 'total_rss') : fieldOf(memory.folder, 'memory.stat', 'anon'),
    pin: async (wanted) => {
      for (const container of await foldersOf(processors.folder)) await writeFile(join(container, 'cpuset.cpus'), wanted);
    },
    limit: async (wanted) => {
      const quotaUs = Math.round(wanted * periodUs);
      if (time.version === 2) return writeFile(join(time.folder, 'cpu.max'), `${quotaUs} ${periodUs}`);
      await writeFile(join(time.folder, 'cpu.cfs_period_us'), String(periodUs));
      await writeFile(join(time.folder, 'cpu.cfs_quota_us'), String(quotaUs));
    },
    processes: async () => {
      const lists = (await foldersOf(memory.folder)).map((container) => readFile(join(container, 'cgroup.procs'), 'utf8'));
      const ids = (await Promise.all(lists)).join('\n').split('\n').map(Number);
      return ids.filter((id) => id > 0);
    },
    adopt: async (processId) => {
      // Of a container, since version 2 has no processes beside groups.
      const [container = memory.folder] = await foldersOf(memory.folder);
      await writeFile(join(container, 'cgroup.procs'), String(processId));
    },
  };
}

/** Groups of pods are three or four below the root, under names that differ between drivers: `pod<uid>`, `kubepods-pod<uid with _>.slice`. */
async function findGroup(folder: string, uid: string, depth = 5): Promise<string | undefined> {
  for (const child of await foldersOf(folder)) {
    if (child.replaceAll('_', '-').includes(`pod${uid}`)) return child;
    const found = depth === 0 ? undefined : await findGroup(child, uid, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function foldersOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
}

async function fieldOf(folder: string, file: string, field: string): Promise<number> {
  const text = await readFile(join(folder, file), 'utf8');
  const value = new RegExp(`^${field} (\\d+)$`, 'm').exec(text)?.[1];
  if (value !== undefined) return Number(value);
  throw new GauntletError('GAUNTLET_MACHINE', `${file} of the kernel has no ${field}`, {
    hint: 'This kernel accounts for groups in another way.',
  });
}
