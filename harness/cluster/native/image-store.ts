// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import type { ImageArchive } from '../../images/image.ts';
import { milliseconds } from '../../units.ts';

/** Databases of containerd; everything else below its root is written once and then only read or removed. */
const databases = ['io.containerd.metadata.v1.bolt/meta.db', 'io.containerd.snapshotter.v1.overlayfs/metadata.db'];
/** What holds images; the rest belongs to containers. */
const imageFolders = ['io.containerd.content.v1.content', 'io.containerd.snapshotter.v1.overlayfs', 'io.containerd.metadata.v1.bolt'];

/** Sets of images that are kept. Each takes the size of its images twice, packed and unpacked. */
const keptSets = 3;

/**
 * What containerd makes of a set of images, kept for the next cluster with the same set. Importing half a gigabyte takes several seconds of
 * processor time just while the control plane needs it; linking its result takes none.
 */
export class ImageStore {
  readonly #folder: string;
  readonly #containerd: string;

  /** @param containerd - path of its binary: another version may read another format */
  constructor(cacheDirectory: string, containerd: string) {
    this.#folder = join(cacheDirectory, 'containerd');
    this.#containerd = containerd;
  }

  /** Fills the root of a containerd that has never run, if this set of images is kept. */
  async restore(images: readonly ImageArchive[], root: string): Promise<boolean> {
    const kept = await this.#pathOf(images);
    if (images.length === 0 || !(await exists(kept))) return false;
    try {
      await linkTree(kept, root);
      const now = new Date();
      await utimes(kept, now, now);
      return true;
    } catch {
      // Removed at this moment by another run, or on another file system: it is only a cache.
      await rm(root, { recursive: true, force: true });
      await mkdir(root, { recursive: true });
      return false;
    }
  }

  /** Keeps a set of images from the root of a containerd that has imported it and has not run a container yet. */
  async save(images: readonly ImageArchive[], root: string): Promise<void> {
    const kept = await this.#pathOf(images);
    if (images.length === 0 || (await exists(kept))) return;
    await mkdir(this.#folder, { recursive: true });
    if ((await stat(this.#folder)).dev !== (await stat(root)).dev) return;
    const draft = await mkdtemp(`${kept}.tmp-`);
    try {
      await linkTree(root, draft);
      await rename(draft, kept);
    } catch {
      // Another run has kept the same set, or the disk is full: it is only a cache.
      await rm(draft, { recursive: true, force: true });
    }
    await this.#prune();
  }

  async #pathOf(images: readonly ImageArchive[]): Promise<string> {
    const { size, mtimeMs } = await stat(this.#containerd);
    const set = images.map(({ reference, digest }) => `${reference} ${digest}`).sort();
    const key = createHash('sha256')
      .update(JSON.stringify([this.#containerd, size, mtimeMs, set]))
      .digest('hex');
    return join(this.#folder, key.slice(0, 32));
  }

  /** Removes all but the sets that were used last, and drafts of runs that were killed. */
  async #prune(): Promise<void> {
    const names = await readdir(this.#folder);
    const ages = names.map(async (name) => ({ name, usedMs: (await stat(join(this.#folder, name)).catch(() => undefined))?.mtimeMs ?? 0 }));
    const newestFirst = (await Promise.all(ages)).sort((a, b) => b.usedMs - a.usedMs);
    const hourAgo = Date.now() - milliseconds(3_600_000).ms;
    const drafts = newestFirst.filter(({ name, usedMs }) => name.includes('.tmp-') && usedMs < hourAgo);
    const old = newestFirst.filter(({ name }) => !name.includes('.tmp-')).slice(keptSets);
    await Promise.all([...drafts, ...old].map(({ name }) => rm(join(this.#folder, name), { recursive: true, force: true })));
  }
}

/** Links every file and copies the databases, which are the only files that change. */
async function linkTree(from: string, to: string): Promise<void> {
  const folders = imageFolders.map((folder) => join(from, folder));
  await execa('cp', ['--archive', '--link', '--target-directory', to, ...folders]);
  for (const database of databases) {
    await rm(join(to, database));
    await copyQuiescent(join(from, database), join(to, database));
  }
}

/** Copies a file that may be written to at any moment: again until it has not changed meanwhile. */
async function copyQuiescent(from: string, to: string): Promise<void> {
  for (;;) {
    const before = await stat(from, { bigint: true });
    await copyFile(from, to);
    const after = await stat(from, { bigint: true });
    if (before.mtimeNs === after.mtimeNs && before.size === after.size) return;
    await delay(milliseconds(20).ms);
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
