// SPDX-License-Identifier: Apache-2.0
import { lstat, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Architecture } from '../platform.ts';
import { definitionKey } from './definition-key.ts';
import { findDifference, listTree, readTree, treeDigest, type TreeEntry } from './file-tree.ts';
import type { ToolDefinition } from './tool.ts';

/** How the content of an entry came here. */
export type CacheOrigin = 'download' | 'build';

const manifestSchema = z.object({
  origin: z.enum(['download', 'build']),
  provenance: z.string(),
  entries: z.array(
    z.union([
      z.object({ path: z.string(), sha256: z.string(), size: z.number(), mtimeMs: z.number() }),
      z.object({ path: z.string(), target: z.string() }),
    ]),
  ),
});

/** What stands beside the content of an entry: where it came from, and the digest of every file. */
export interface CacheManifest {
  readonly origin: CacheOrigin;
  readonly provenance: string;
  readonly entries: readonly TreeEntry[];
}

/** A place in the cache: one tool of one version for one architecture, by the content of its definition. */
export interface CachePlace {
  readonly directory: string;
  readonly content: string;
  readonly lock: string;
  readonly log: string;
}

/** What a place holds. */
export type CacheState =
  | { readonly state: 'absent' }
  | { readonly state: 'corrupt'; readonly reason: string }
  | { readonly state: 'ready'; readonly manifest: CacheManifest; readonly digest: string };

/** The place of a tool; nothing is touched. */
export function cachePlace(cacheDirectory: string, definition: ToolDefinition, architecture: Architecture): CachePlace {
  const id = `${definition.version}-${architecture}-${definitionKey(definition)}`;
  const directory = join(cacheDirectory, 'tools', definition.name, id);
  return {
    directory,
    content: join(directory, 'content'),
    lock: join(cacheDirectory, 'tools', definition.name, `${id}.lock`),
    log: join(cacheDirectory, 'logs', `${definition.name}-${id}.log`),
  };
}

/** What a place holds now. `full` compares digests, else sizes and times and only where those differ digests. */
export async function inspectPlace(place: CachePlace, full: boolean): Promise<CacheState> {
  const text = await readFile(join(place.directory, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return { state: 'absent' };
  const manifest = parseManifest(text);
  if (manifest === undefined) return { state: 'corrupt', reason: 'its manifest cannot be read' };
  const difference = await findDifference(place.content, manifest.entries, full);
  if (difference !== undefined) return { state: 'corrupt', reason: difference };
  return { state: 'ready', manifest, digest: treeDigest(manifest.entries) };
}

function parseManifest(text: string): CacheManifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Fills a place in one step that either happens or does not: `fill` writes into a folder beside it, which is flushed to the disk and then renamed.
 * The caller holds the lock of the place. What earlier, killed attempts left is removed first.
 */
export async function fillPlace(
  place: CachePlace,
  fill: (content: string, scratch: string) => Promise<{ readonly origin: CacheOrigin; readonly provenance: string }>,
): Promise<CacheManifest> {
  const parent = dirname(place.directory);
  await mkdir(parent, { recursive: true });
  const prefix = `${basename(place.directory)}.tmp-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix)) await removeFolder(join(parent, name));
  }
  const temporary = await mkdtemp(join(parent, prefix));
  try {
    const content = join(temporary, 'entry', 'content');
    const scratch = join(temporary, 'scratch');
    await mkdir(content, { recursive: true });
    await mkdir(scratch);
    const { origin, provenance } = await fill(content, scratch);
    const manifest: CacheManifest = { origin, provenance, entries: await readTree(content) };
    await writeFile(join(temporary, 'entry', 'manifest.json'), JSON.stringify(manifest, undefined, 1));
    await flush(join(temporary, 'entry'));
    await removeFolder(place.directory);
    await rename(join(temporary, 'entry'), place.directory);
    return manifest;
  } finally {
    await removeFolder(temporary);
  }
}

/** Removes what is in a place, so that the next resolve prepares it anew. */
export async function clearPlace(place: CachePlace): Promise<void> {
  await removeFolder(place.directory);
}

async function removeFolder(path: string): Promise<void> {
  // A compiler of an interrupted build may write into its scratch folder for a moment more.
  await rm(path, { recursive: true, force: true, maxRetries: 5 });
}

/** A rename may reach the disk before the data does; a crash of the machine would then leave an entry that looks whole. */
async function flush(directory: string): Promise<void> {
  for (const path of await listTree(directory)) {
    const full = join(directory, path);
    if ((await lstat(full)).isSymbolicLink()) continue;
    await using file = await open(full, 'r');
    await file.datasync();
  }
}
