// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { GauntletError } from '../errors.ts';
import type { ImageLayer, LayerEntry } from './image.ts';
import type { ImageCache } from './image-cache.ts';
import { orderEntries } from './layer-entries.ts';
import { describeSource, readSize, sha256 } from './source-digest.ts';
import { tarOf } from './tar.ts';
import type { TarEntry } from './tar.ts';

/** Part of every key: raised when the same entries give other bytes. */
const layerFormat = 2;

/** A layer whose bytes are known, though they are nowhere on disk: they are made again from its sources whenever they are written. */
export interface PreparedLayer {
  readonly name: string;
  /** Digest and diff id (`sha256:...`); both, because it is not compressed. */
  readonly digest: string;
  /** Size of the tar in bytes. */
  readonly bytes: number;
  /**
   * The bytes of the tar.
   *
   * @throws GauntletError `GAUNTLET_IMAGE` at the end if a source changed since the digest was taken.
   */
  content(): AsyncIterable<Uint8Array>;
}

/** Finds out what a layer's bytes will be, from the cache if its content was seen before. */
export async function prepareLayer(layer: ImageLayer, cache: ImageCache, signal?: AbortSignal): Promise<PreparedLayer> {
  const entries = await Promise.all(orderEntries(layer.entries).map((entry) => sealEntry(entry, cache, signal)));
  const key = sha256(JSON.stringify([layerFormat, entries.map((entry) => ({ ...entry, source: undefined }))]));
  let known = (await cache.recall('layers', key)) as LayerRecord | undefined;
  if (known === undefined) {
    known = await measure(entries, signal);
    await cache.remember('layers', key, known);
  }
  const { digest, bytes } = known;
  return { name: layer.name, digest, bytes, content: () => verified(layer.name, entries, digest) };
}

interface LayerRecord {
  readonly digest: string;
  readonly bytes: number;
}

/** An entry with everything that its bytes depend on. */
interface SealedEntry {
  readonly type: 'file' | 'directory' | 'symlink';
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly sha256?: string;
  readonly text?: string;
  readonly target?: string;
  /** Where the bytes are; not part of the content. */
  readonly source?: string;
}

async function sealEntry(entry: LayerEntry, cache: ImageCache, signal?: AbortSignal): Promise<SealedEntry> {
  const { path } = entry;
  const owner = { uid: 0, gid: 0 };
  switch (entry.type) {
    case 'file': {
      const source = await describeSource(entry.source, cache, signal);
      const mode = entry.mode ?? (source.executable ? 0o755 : 0o644);
      return { type: 'file', path, mode, ...owner, size: source.bytes, sha256: source.sha256, source: entry.source };
    }
    case 'text':
      return { type: 'file', path, mode: entry.mode ?? 0o644, ...owner, size: Buffer.byteLength(entry.text), text: entry.text };
    case 'directory':
      return { type: 'directory', path, mode: entry.mode ?? 0o755, uid: entry.uid ?? 0, gid: entry.gid ?? 0, size: 0 };
    case 'symlink':
      return { type: 'symlink', path, mode: 0o777, ...owner, size: 0, target: entry.target };
  }
}

async function measure(entries: readonly SealedEntry[], signal?: AbortSignal): Promise<LayerRecord> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of tarOf(entries.map(tarEntry))) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

async function* verified(layer: string, entries: readonly SealedEntry[], digest: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of tarOf(entries.map(tarEntry))) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (error) {
    throw changed(layer, error);
  }
  if (`sha256:${hash.digest('hex')}` !== digest) throw changed(layer);
}

function tarEntry({ path: name, type, mode, uid, gid, size, target, source, text }: SealedEntry): TarEntry {
  const content = source === undefined ? text && (() => [Buffer.from(text)]) : () => createReadStream(source, { highWaterMark: readSize });
  return { name, type, mode, uid, gid, size, ...(target === undefined ? {} : { linkname: target }), ...(content && { content }) };
}

function changed(layer: string, cause?: unknown): GauntletError {
  return new GauntletError('GAUNTLET_IMAGE', `The layer ${layer} cannot be written: one of its files changed while it was being read`, {
    hint: 'Wait for the build that writes the file to end, then run the same command again.',
    cause,
  });
}
