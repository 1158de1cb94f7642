// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import tar from 'tar-stream';

/** Every entry is from 1970, so that the same content gives the same bytes. */
const epoch = new Date(0);

/** One entry of a tar. */
export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink';
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
export async function* tarOf(entries: readonly TarEntry[]): AsyncGenerator<Buffer> {
  const pack = tar.pack();
  const filled = fill(pack, entries).catch((error: unknown) => pack.destroy(error as Error));
  try {
    yield* pack as AsyncIterable<Buffer>;
  } finally {
    pack.destroy();
    await filled;
  }
}

async function fill(pack: tar.Pack, entries: readonly TarEntry[]): Promise<void> {
  for (const entry of entries) await add(pack, entry);
  pack.finalize();
}

async function add(pack: tar.Pack, { content, ...header }: TarEntry): Promise<void> {
  const { promise: finished, resolve, reject } = Promise.withResolvers<unknown>();
  const settle = (error?: Error | null) => (error ? reject(error) : resolve(undefined));
  const sink = pack.entry({ ...header, mtime: epoch, uname: '', gname: '' }, settle);
  sink.on('error', settle);
  if (header.type === 'file') {
    for await (const chunk of content?.() ?? []) {
      if (!sink.write(chunk)) await Promise.race([once(sink, 'drain'), finished]);
    }
    sink.end(undefined);
  }
  await finished;
}
