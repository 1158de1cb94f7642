// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GauntletError } from '../errors.ts';
import { isAlive } from './process-identity.ts';

const processSchema = z.object({ pid: z.int().positive(), startTime: z.string() });

const entrySchema = z.object({
  name: z.string(),
  provider: z.literal('native'),
  architecture: z.enum(['amd64', 'arm64']),
  directory: z.string(),
  cgroupRoot: z.string(),
  /** The process that the cluster ends with: the one that made it, or, once it is detached, PID 1 of its own namespaces. */
  owner: processSchema,
  /** PID 1 of the cluster's namespaces, once there is one. */
  init: processSchema.optional(),
  isDetached: z.boolean(),
  /** Whether it has come up. */
  isReady: z.boolean(),
  startedAt: z.iso.datetime(),
});

/** What is remembered of a cluster on this machine, so that its leftovers can be found when its owner was killed. */
export type RegistryEntry = Readonly<z.infer<typeof entrySchema>>;

/** The clusters of this machine: one file each in the cache folder, written before anything else of a cluster exists. */
export class Registry {
  /** Folder that all runs on this machine share. */
  readonly cacheDirectory: string;
  readonly #folder: string;

  constructor(cacheDirectory: string) {
    this.cacheDirectory = cacheDirectory;
    this.#folder = join(cacheDirectory, 'clusters');
  }

  /**
   * Claims the name of a new cluster.
   *
   * @throws GauntletError `GAUNTLET_USAGE` when a live cluster has this name.
   */
  async claim(entry: RegistryEntry): Promise<void> {
    const other = await this.find(entry.name);
    if (other !== undefined && (await isAlive(other.owner))) {
      throw new GauntletError('GAUNTLET_USAGE', `A cluster named ${entry.name} already runs, owned by process ${other.owner.pid}`, {
        hint: 'Choose another name, or stop it with `gauntlet cluster down`.',
      });
    }
    await this.write(entry);
  }

  /** Writes or replaces an entry; a reader sees the old one or the new one, never half. */
  async write(entry: RegistryEntry): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#pathOf(entry.name);
    const draft = `${path}.${process.pid}.tmp`;
    await writeFile(draft, `${JSON.stringify(entry, null, 2)}\n`);
    await rename(draft, path);
  }

  /** Forgets a cluster. */
  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true });
  }

  /** The entry of one name, dead or alive. */
  async find(name: string): Promise<RegistryEntry | undefined> {
    const text = await readFile(this.#pathOf(name), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : parseEntry(text);
  }

  /** All entries, dead or alive, by name. */
  async list(): Promise<readonly RegistryEntry[]> {
    const files = await readdir(this.#folder).catch(() => []);
    const names = files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -'.json'.length));
    const entries = await Promise.all(names.sort().map((name) => this.find(name)));
    return entries.filter((entry) => entry !== undefined);
  }

  #pathOf(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

/** An entry that cannot be read (of another version, or damaged) is no entry: it must not keep the next cluster from starting. */
function parseEntry(text: string): RegistryEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
