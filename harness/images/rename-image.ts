// SPDX-License-Identifier: Apache-2.0
import type { ImageArchive } from './image.ts';
import { ImageCache } from './image-cache.ts';
import { tagOf } from './oci.ts';
import { openArchive } from './scan-archive.ts';
import { describeSource, sha256 } from './source-digest.ts';
import { readTar, tarOf } from './tar.ts';
import type { ReadEntry, TarEntry } from './tar.ts';

/** What a renamed image is made with. */
export interface RenameOptions {
  /** Gauntlet's cache folder; the copy goes to `images/` below it. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

/**
 * A copy of an image archive under another reference, uncompressed, everything else as it is: so an image of one's own takes the place of a
 * released one, and nothing that names the released one has to change.
 *
 * @throws GauntletError `GAUNTLET_IMAGE`, `GAUNTLET_DISK_FULL`.
 */
export async function renameImage(archive: ImageArchive, reference: string, options: RenameOptions): Promise<ImageArchive> {
  const { signal } = options;
  const cache = new ImageCache(options.cacheDirectory);
  const source = await describeSource(archive.path, cache, signal);
  const key = `${sha256(`${source.sha256} ${reference}`)}.tar`;
  if ((await cache.find('archives', key)) === undefined) {
    await cache.write('archives', key, (file) => file.writeFile(tarOf(renamed(archive.path, reference, signal)), { signal }));
  }
  const bytes = await cache.find('archives', key);
  return { ...archive, reference, path: cache.path('archives', key), bytes: bytes ?? 0 };
}

async function* renamed(path: string, reference: string, signal?: AbortSignal): AsyncGenerator<TarEntry> {
  for await (const entry of readTar(openArchive(path, signal))) {
    const rename = renames.get(entry.name);
    if (rename === undefined) {
      if (isCopied(entry)) yield { ...entry, type: entry.type, content: () => entry.content };
      continue;
    }
    const document = Buffer.from(JSON.stringify(rename(JSON.parse(await textOf(entry.content)), reference)));
    yield { ...entry, type: 'file', size: document.length, content: () => [document] };
  }
}

/** The documents of an archive that name it; `repositories` is Docker's oldest and would bring the old name back. */
const renames = new Map<string, (document: unknown, reference: string) => unknown>([
  [
    'index.json',
    (document, reference) => {
      const annotations = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tagOf(reference) };
      const index = document as { manifests: object[] };
      return { ...index, manifests: index.manifests.map((manifest) => ({ ...manifest, annotations })) };
    },
  ],
  ['manifest.json', (document, reference) => (document as object[]).map((image) => ({ ...image, RepoTags: [reference] }))],
  ['repositories', () => ({})],
]);

type CopiedEntry = ReadEntry & Pick<TarEntry, 'type'>;

function isCopied(entry: ReadEntry): entry is CopiedEntry {
  return ['file', 'directory', 'symlink', 'link'].includes(entry.type);
}

async function textOf(content: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
