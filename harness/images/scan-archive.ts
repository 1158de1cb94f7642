// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GauntletError, messageOf } from '../errors.ts';
import { readSize } from './source-digest.ts';
import { readTar } from './tar.ts';
import type { ReadEntry } from './tar.ts';

/** Documents of an image are far smaller; a larger file is a layer, whatever it begins with. */
const largestDocument = 4 << 20;

/** Together they are still smaller; more is no image. */
const largestDocuments = 64 << 20;

/** A file of a layer. */
export interface LayerFile {
  readonly path: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  /** What a link points to. */
  readonly target?: string;
}

/** What is known of a file in an image archive that may be a layer. */
export interface ScannedBlob {
  readonly bytes: number;
  /** Its entries, if they were asked for and it is a tar that can be read. */
  readonly files?: readonly LayerFile[];
}

/** An image archive after one pass over it. */
export interface ScannedArchive {
  /** JSON documents by name in the archive. */
  readonly documents: ReadonlyMap<string, unknown>;
  /** All other files by name. */
  readonly blobs: ReadonlyMap<string, ScannedBlob>;
  /** Size of the archive file. */
  readonly bytes: number;
}

/**
 * Reads an image archive once, also one compressed with gzip: documents are kept, layers are measured, and every file that is named by
 * its digest is compared with it.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if the file cannot be read, is no tar, ends too early or holds something else than it says.
 */
export async function scanArchive(path: string, options: { readonly listFiles: boolean }, signal?: AbortSignal): Promise<ScannedArchive> {
  const documents = new Map<string, unknown>();
  const blobs = new Map<string, ScannedBlob>();
  const links = new Map<string, string>();
  let documentBytes = 0;
  try {
    const { size: bytes } = await stat(path);
    for await (const entry of readTar(openArchive(path, signal))) {
      const { name } = entry;
      if (entry.linkname !== undefined) links.set(name, linkTarget(name, entry.linkname));
      if (entry.type !== 'file') continue;
      const scanned = await scanFile(entry, options.listFiles);
      checkDigest(name, scanned.sha256);
      documentBytes += scanned.text?.length ?? 0;
      if (documentBytes > largestDocuments) throw new Error('its documents are larger than those of any image');
      const document = scanned.text === undefined ? undefined : parse(scanned.text);
      if (document === undefined) blobs.set(name, scanned.blob);
      else documents.set(name, document);
    }
    // Old versions of Docker write a layer that two images share once, and a link for the other.
    for (const [name, target] of links) {
      const blob = blobs.get(target);
      if (blob !== undefined) blobs.set(name, blob);
    }
    return { documents, blobs, bytes };
  } catch (error) {
    signal?.throwIfAborted();
    throw unreadableArchive(path, messageOf(error), error);
  }
}

/** The bytes of an archive, uncompressed. */
export function openArchive(path: string, signal?: AbortSignal): AsyncIterable<Buffer> {
  return decompressed(createReadStream(path, { highWaterMark: readSize, signal }));
}

/** The chunks, through gzip if they begin as its format does. */
async function* decompressed(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done === true) return;
  const whole = startingWith(first.value, iterator);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip({ chunkSize: readSize });
  // Its callback is told of failures, but so is whoever reads from it.
  pipeline(whole, gunzip, () => undefined);
  yield* gunzip as AsyncIterable<Buffer>;
}

async function* startingWith(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** A failure to make sense of an image archive. */
export function unreadableArchive(path: string, reason: string, cause?: unknown): GauntletError {
  return new GauntletError('GAUNTLET_IMAGE', `The image archive ${path} cannot be read: ${reason}`, {
    hint: 'Give a file written by "docker save" or an OCI image layout in a tar, with one image in it.',
    cause,
  });
}

function linkTarget(name: string, target: string): string {
  return posix.join(posix.dirname(name), target);
}

function checkDigest(name: string, sha256: string): void {
  const [, promised = sha256] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name) ?? [];
  if (promised !== sha256) throw new Error(`the content of ${name} has another digest`);
}

interface ScannedFile {
  readonly sha256: string;
  readonly blob: ScannedBlob;
  /** The content, if it may be a document. */
  readonly text?: string;
}

async function scanFile(entry: ReadEntry, listFiles: boolean): Promise<ScannedFile> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  const content = observed(entry.content, (chunk) => {
    hash.update(chunk);
    if (entry.size <= largestDocument) kept.push(chunk);
  });
  const files = listFiles ? await listLayer(content) : undefined;
  await skip(content);
  const whole = Buffer.concat(kept);
  const mayBeDocument = whole[0] === 0x7b || whole[0] === 0x5b;
  return {
    sha256: hash.digest('hex'),
    blob: { bytes: entry.size, ...(files && { files }) },
    ...(mayBeDocument && { text: whole.toString('utf8') }),
  };
}

/** The chunks, each seen: also those that the consumer did not care to read. */
async function* observed(chunks: AsyncIterable<Buffer>, see: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  const next = async () => {
    const result = await iterator.next();
    if (result.done !== true) see(result.value);
    return result;
  };
  let result = await next();
  try {
    for (; result.done !== true; result = await next()) yield result.value;
  } finally {
    while (result.done !== true) result = await next();
  }
}

async function skip(chunks: AsyncGenerator): Promise<void> {
  while ((await chunks.next()).done !== true);
}

/** The entries of a layer; undefined if the file is no tar, or is compressed in a way that is not known here. */
async function listLayer(content: AsyncGenerator<Buffer>): Promise<readonly LayerFile[] | undefined> {
  const files: LayerFile[] = [];
  try {
    for await (const { name: path, type, mode, uid, gid, size: bytes, linkname } of readTar(decompressed(content))) {
      files.push({ path, type, mode, uid, gid, bytes, ...(linkname !== undefined && { target: linkname }) });
    }
  } catch {
    return undefined;
  }
  return files;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
