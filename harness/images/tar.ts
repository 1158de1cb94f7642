// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import tar from 'tar-stream';

/** Every entry is from 1970, so that the same content gives the same bytes. */
const epoch = new Date(0);

/** One entry of a tar. */
export interface TarEntry {
  /** Relative path, also that of a folder without a slash at its end. */
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'link';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Length of the content in bytes; 0 for all but files. */
  readonly size: number;
  readonly linkname?: string;
  /** For files only; called when its turn comes. */
  readonly content?: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The bytes of a tar, made as they are asked for. The format is ustar, with a pax header only for a name that does not fit. */
export async function* tarOf(entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  const pack = tar.pack();
  const filled = fill(pack, entries).catch((error: unknown) => pack.destroy(error as Error));
  try {
    yield* pack as AsyncIterable<Buffer>;
  } finally {
    pack.destroy();
    await filled;
  }
}

async function fill(pack: tar.Pack, entries: Iterable<TarEntry> | AsyncIterable<TarEntry>): Promise<void> {
  for await (const entry of entries) await add(pack, entry);
  pack.finalize();
}

async function add(pack: tar.Pack, { content, ...header }: TarEntry): Promise<void> {
  const { promise: finished, resolve, reject } = Promise.withResolvers<unknown>();
  // It fails as well when its content does, which is what is then thrown.
  finished.catch(() => undefined);
  const settle = (error?: Error | null) => (error ? reject(error) : resolve(undefined));
  const name = header.type === 'directory' ? `${header.name}/` : header.name;
  const sink = pack.entry({ ...header, name, mtime: epoch, uname: '', gname: '' }, settle);
  sink.on('error', settle);
  if (header.type === 'file') {
    for await (const chunk of content?.() ?? []) {
      if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), finished]);
    }
    sink.end(undefined);
  }
  await finished;
}

/** One entry of a tar that is being read; its content is to be read before the next is asked for, or is skipped. */
export interface ReadEntry extends Omit<TarEntry, 'type' | 'content'> {
  /** As in {@link TarEntry}, or what else a tar may hold: `block-device`, `fifo`. */
  readonly type: string;
  readonly content: AsyncIterable<Buffer>;
}

/**
 * Reads a tar as it streams by; memory use does not depend on what it holds.
 *
 * @throws Error of the tar reader if it is damaged or ends too early, or of the source.
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const extract = tar.extract();
  const fed = feed(extract, chunks).catch((error: unknown) => extract.destroy(error as Error));
  try {
    for await (const source of extract) {
      const { type, mode, uid, gid, size, linkname } = source.header;
      yield {
        name: source.header.name.replace(/^\.\//, '').replace(/\/$/, ''),
        type,
        mode,
        uid,
        gid,
        size,
        ...(linkname && { linkname }),
        content: source as AsyncIterable<Buffer>,
      };
      source.resume();
    }
  } finally {
    extract.destroy();
    await fed;
  }
}

async function feed(extract: tar.Extract, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const closed = once(extract, 'close');
  closed.catch(() => undefined);
  for await (const chunk of chunks) {
    if (extract.destroyed) return;
    if (!extract.write(chunk)) await Promise.race([once(extract, 'drain'), closed]);
  }
  extract.end(undefined);
}
