// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { ImageArchive, ImageDefinition, ToolResolver } from './image.ts';
import { ImageCache } from './image-cache.ts';
import { prepareLayer } from './layer.ts';
import type { PreparedLayer } from './layer.ts';
import { blobPath, describeIndex, describeLayout, describePlatform } from './oci.ts';
import { sha256 } from './source-digest.ts';
import { tarOf } from './tar.ts';
import type { TarEntry } from './tar.ts';

/** What an image is built with. */
export interface BuildOptions {
  /** At least one; the first is the one that `docker load` sees. */
  readonly architectures: readonly Architecture[];
  readonly toolchain: ToolResolver;
  /** Gauntlet's cache folder; images go to `images/` below it. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

/**
 * Builds an image as an archive in the cache. If nothing changed since it was built last, this takes milliseconds.
 *
 * @throws GauntletError `GAUNTLET_IMAGE`, `GAUNTLET_DISK_FULL`, and what preparing the tools throws.
 */
export async function buildImage(definition: ImageDefinition, options: BuildOptions): Promise<ImageArchive> {
  const { signal } = options;
  const cache = new ImageCache(options.cacheDirectory);
  const layers = new Map<string, PreparedLayer>();
  const platforms = [];
  for (const architecture of options.architectures) {
    const prepared = await preparePlatform(definition, architecture, cache, options);
    for (const layer of prepared) layers.set(layer.digest, layer);
    platforms.push(describePlatform(architecture, definition.config, prepared));
  }
  const index = describeIndex(platforms);
  const layout = describeLayout(definition.reference, index, platforms);
  const documents = [index, ...platforms.flatMap(({ config, manifest }) => [config, manifest])];
  const texts = { ...layout, ...Object.fromEntries(documents.map(({ digest, text }) => [blobPath(digest), text])) };

  const key = `${sha256(JSON.stringify(layout))}.tar`;
  let bytes = await cache.find('archives', key);
  if (bytes === undefined) {
    await cache.write('archives', key, (file) => file.writeFile(tarOf(archiveEntries(texts, [...layers.values()])), { signal }));
    await cache.prune(Date.now());
    bytes = await cache.find('archives', key);
  }
  return {
    reference: definition.reference,
    architectures: options.architectures,
    path: cache.path('archives', key),
    digest: index.digest,
    bytes: bytes ?? 0,
  };
}

async function preparePlatform(
  definition: ImageDefinition,
  architecture: Architecture,
  cache: ImageCache,
  { toolchain, signal }: BuildOptions,
): Promise<readonly PreparedLayer[]> {
  const layers = await definition.layers({ architecture, toolchain, ...(signal && { signal }) });
  const prepared: PreparedLayer[] = [];
  for (const layer of layers) prepared.push(await prepareLayer(layer, cache, signal));
  return prepared;
}

/** Small documents first: a reader that streams knows what the image is before its layers come. */
function archiveEntries(texts: Readonly<Record<string, string>>, layers: readonly PreparedLayer[]): readonly TarEntry[] {
  const documents = Object.keys(texts)
    .sort()
    .map((name): TarEntry => {
      const content = Buffer.from(texts[name] ?? '');
      return { ...plain, name, size: content.length, content: () => [content] };
    });
  const blobs = layers.map((layer): TarEntry => ({
    ...plain,
    name: blobPath(layer.digest),
    size: layer.bytes,
    content: () => layer.content(),
  }));
  return [...documents, ...blobs];
}

const plain = { type: 'file', mode: 0o644, uid: 0, gid: 0 } as const;
