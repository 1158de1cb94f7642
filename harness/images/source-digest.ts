// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { GauntletError, messageOf } from '../errors.ts';
import type { ImageCache } from './image-cache.ts';

/** Large files are read in pieces of this size, which is near the fastest and costs little memory. */
export const readSize = 1 << 20;

/** A file of this machine as a layer needs to know it. */
export interface SourceFile {
  /** Hexadecimal SHA-256 of its content. */
  readonly sha256: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/**
 * Reads what a layer needs to know of a file. The digest is remembered for as long as the file's inode, size and times of modification and
 * change stay the same: the kernel moves the time of change with every write, so it cannot be set back.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if it is not a readable file.
 */
export async function describeSource(path: string, cache: ImageCache, signal?: AbortSignal): Promise<SourceFile> {
  const facts = await statFile(path);
  const identity = [path, facts.dev, facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(':');
  const key = sha256(identity);
  const known = await cache.recall('sources', key);
  const digest = typeof known === 'string' ? known : await digestFile(path, signal);
  if (known !== digest) await cache.remember('sources', key, digest);
  return { sha256: digest, bytes: Number(facts.size), executable: (facts.mode & 0o111n) !== 0n };
}

/** Hexadecimal SHA-256 of a text or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function statFile(path: string) {
  try {
    const facts = await stat(path, { bigint: true });
    if (facts.isFile()) return facts;
  } catch (error) {
    throw unreadable(path, messageOf(error), error);
  }
  throw unreadable(path, 'it is not a regular file');
}

/**
 * Hexadecimal SHA-256 of a file.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if it cannot be read.
 */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: readSize }), hash, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadable(path, messageOf(error), error);
  }
  return hash.digest('hex');
}

function unreadable(path: string, reason: string, cause?: unknown): GauntletError {
  return new GauntletError('GAUNTLET_IMAGE', `The file ${path} cannot be put into an image: ${reason}`, {
    hint: 'Check that the path exists, is a file and can be read.',
    cause,
  });
}
