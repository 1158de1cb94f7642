// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';

/** A mounted cgroup hierarchy: one for all controllers in version 2, one for each or for a few in version 1. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Of version 1: `cpuset`, `cpuacct`, `memory`, ... Empty for version 2, whose groups say which they have. */
  readonly controllers: readonly string[];
}

/** All hierarchies, from the text of `/proc/self/mountinfo`. */
export function parseHierarchies(mountinfo: string): readonly Hierarchy[] {
  return mountinfo.split('\n').flatMap((line): Hierarchy[] => {
    const [mount, details] = line.split(' - ');
    const mountPoint = mount?.split(' ')[4];
    const [type, , options = ''] = details?.split(' ') ?? [];
    if (mountPoint === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    const controllers = type === 'cgroup' ? options.split(',').filter((option) => option !== 'rw' && option !== 'ro') : [];
    return [{ version: type === 'cgroup' ? 1 : 2, mountPoint, controllers }];
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
