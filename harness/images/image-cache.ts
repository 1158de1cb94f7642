// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asGauntletError, isErrno } from '../errors.ts';
import { minutes } from '../units.ts';

/** What was not used for this long is removed when something new is written. */
const unusedFor = minutes(14 * 24 * 60);

/**
 * Modification time of every finished file. A file that something else wrote to has another one, and is made again;
 * the access time says when it was last used.
 */
const sealedAt = 1;

/**
 * Files that can be made again at any time, by key: `archives/`, `layers/`, `sources/`.
 * Several processes may share one: a file appears whole, by renaming, or not at all.
 */
export class ImageCache {
  readonly #directory: string;

  /** A cache below `<cacheDirectory>/images`. */
  constructor(cacheDirectory: string) {
    this.#directory = join(cacheDirectory, 'images');
  }

  /** Where the file of a key lies, whether it exists or not. */
  path(kind: CachedKind, key: string): string {
    return join(this.#directory, kind, key);
  }

  /** Size of the file in bytes if it is here, whole and as it was written; marks it as used. */
  async find(kind: CachedKind, key: string): Promise<number | undefined> {
    const path = this.path(kind, key);
    try {
      const { mtimeMs, size } = await stat(path);
      if (mtimeMs !== sealedAt * 1000) return undefined;
      await utimes(path, Date.now() / 1000, sealedAt);
      return size;
    } catch (error) {
      if (isErrno(error) && error.code === 'ENOENT') return undefined;
      throw asGauntletError(error);
    }
  }

  /** A small record, or undefined if it is not here. */
  async recall(kind: CachedKind, key: string): Promise<unknown> {
    const size = await this.find(kind, key);
    return size === undefined ? undefined : JSON.parse(await readFile(this.path(kind, key), 'utf8'));
  }

  /** Keeps a small record. */
  async remember(kind: CachedKind, key: string, record: unknown): Promise<void> {
    await this.write(kind, key, (file) => file.writeFile(JSON.stringify(record)));
  }

  /**
   * Writes a file: it is visible under its key only once `fill` ended and the disk has it.
   *
   * @throws GauntletError `GAUNTLET_DISK_FULL`; what `fill` throws.
   */
  async write(kind: CachedKind, key: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
    const path = this.path(kind, key);
    const partial = `${path}.${randomUUID()}.partial`;
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(partial, 'w');
      try {
        await fill(file);
        await file.sync();
      } finally {
        await file.close();
      }
      await utimes(partial, Date.now() / 1000, sealedAt);
      await rename(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw isErrno(error) ? asGauntletError(error) : error;
    }
  }

  /** Removes what was not used for two weeks, also what an interrupted process left. */
  async prune(now: number): Promise<void> {
    for (const kind of cachedKinds) {
      const folder = join(this.#directory, kind);
      for (const name of await readdir(folder).catch(() => [])) {
        const path = join(folder, name);
        const { atimeMs } = await stat(path).catch(() => ({ atimeMs: now }));
        if (now - atimeMs > unusedFor.ms) await rm(path, { force: true });
      }
    }
  }
}

const cachedKinds = ['archives', 'layers', 'sources'] as const;

/** What is kept: finished images, the digests of layers, the digests of files that layers are made from. */
export type CachedKind = (typeof cachedKinds)[number];
