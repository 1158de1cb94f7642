// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, open, readdir, readlink, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One file or symbolic link of a folder. */
export type TreeEntry =
  | { readonly path: string; readonly sha256: string; readonly size: number; readonly mtimeMs: number }
  | { readonly path: string; readonly target: string };

/** SHA-256 of a file, as hexadecimal digits. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Paths of all files and symbolic links below a folder, relative to it, in byte order. */
export async function listTree(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

/** Every file and symbolic link below a folder with its digest. */
export async function readTree(directory: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  for (const path of await listTree(directory)) entries.push(await readEntry(directory, path));
  return entries;
}

async function readEntry(directory: string, path: string): Promise<TreeEntry> {
  const full = join(directory, path);
  const stats = await lstat(full);
  if (stats.isSymbolicLink()) return { path, target: await readlink(full) };
  return { path, sha256: await hashFile(full), size: stats.size, mtimeMs: stats.mtimeMs };
}

/** One digest for a set of files: that of the file if there is one, else that of the list of digests and names. */
export function treeDigest(entries: readonly TreeEntry[]): string {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && 'sha256' in only) return `sha256:${only.sha256}`;
  const hash = createHash('sha256');
  for (const entry of entries) hash.update('sha256' in entry ? `${entry.sha256}  ${entry.path}\n` : `-> ${entry.target}  ${entry.path}\n`);
  return `sha256:${hash.digest('hex')}`;
}

/**
 * The first way in which a folder differs from what was recorded, as a sentence; undefined if in none.
 * A file of the recorded size and time counts as unchanged unless `full` asks for its digest.
 */
export async function findDifference(directory: string, recorded: readonly TreeEntry[], full: boolean): Promise<string | undefined> {
  for (const entry of recorded) {
    const difference = await compareEntry(directory, entry, full);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

async function compareEntry(directory: string, recorded: TreeEntry, full: boolean): Promise<string | undefined> {
  const path = join(directory, recorded.path);
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return `${recorded.path} is missing`;
  if ('target' in recorded) {
    return stats.isSymbolicLink() && (await readlink(path)) === recorded.target
      ? undefined
      : `${recorded.path} no longer points to ${recorded.target}`;
  }
  if (!stats.isFile()) return `${recorded.path} is no longer a file`;
  if (stats.size !== recorded.size) return `${recorded.path} has ${stats.size} bytes instead of ${recorded.size}`;
  if (!full && stats.mtimeMs === recorded.mtimeMs) return undefined;
  return (await hashFile(path)) === recorded.sha256 ? undefined : `${recorded.path} has another content than the one prepared`;
}

/** Copies a file or folder with permissions of its own: those of Go's module cache would make the copy read-only. */
export async function copyTree(from: string, to: string): Promise<void> {
  const stats = await stat(from);
  if (!stats.isDirectory()) {
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, (stats.mode & 0o111) === 0 ? 0o644 : 0o755);
    return;
  }
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await copyTree(join(from, name), join(to, name));
}

/** Moves parts of an unpacked archive to where outputs are expected; `.` stands for the content folder itself. */
export async function moveOutputs(unpacked: string, paths: Readonly<Record<string, string>>, content: string): Promise<void> {
  for (const [output, path] of Object.entries(paths)) {
    if (output === '.') await rm(content, { recursive: true });
    else await mkdir(dirname(join(content, output)), { recursive: true });
    await rename(join(unpacked, path), join(content, output));
  }
}

/** Makes every ELF file and every script below a folder executable, for archives that do not keep permissions. */
export async function makeProgramsExecutable(directory: string): Promise<void> {
  for (const path of await listTree(directory)) {
    const full = join(directory, path);
    if (await isProgram(full)) await chmod(full, 0o755);
  }
}

async function isProgram(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && (buffer.readUInt32BE(0) === 0x7f454c46 || buffer.toString('latin1', 0, 2) === '#!');
}
