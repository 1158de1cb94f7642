// SPDX-License-Identifier: Apache-2.0
import { GauntletError, messageOf } from '../errors.ts';
import { architectures as knownArchitectures } from '../platform.ts';
import type { Architecture } from '../platform.ts';
import type { ImageArchive, ImageConfig } from './image.ts';
import { resolveImage } from './archive-documents.ts';
import type { ReadConfig, ResolvedImage } from './archive-documents.ts';
import { scanArchive, unreadableArchive } from './scan-archive.ts';
import type { LayerFile, ScannedArchive } from './scan-archive.ts';

/** An image archive, opened up. */
export interface ImageDescription extends ImageArchive {
  readonly platforms: readonly PlatformDescription[];
}

/** One architecture of an image. */
export interface PlatformDescription {
  readonly architecture: string;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly LayerDescription[];
}

/** One layer of an image. */
export interface LayerDescription {
  /** What the image says that it holds; empty if it says nothing. */
  readonly name: string;
  /** Path in the archive. */
  readonly blob: string;
  /** Size in the archive in bytes. */
  readonly bytes: number;
  /** Absent if the layer is compressed in a way that is not known here. */
  readonly files?: readonly LayerFile[];
}

/**
 * Reads an image archive that someone else wrote: `docker save`, or an OCI layout in a tar, also one compressed with gzip.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if it is broken, holds no image or several; `GAUNTLET_WRONG_ARCHITECTURE` if it is not for `architecture`.
 */
export async function readArchive(path: string, architecture: Architecture, signal?: AbortSignal): Promise<ImageArchive> {
  const archive = await openImage(path, { listFiles: false }, signal);
  const { reference, architectures, digest, bytes } = archive.description;
  const found = archive.image.platforms.map(({ config }) => config.architecture);
  if (!found.includes(architecture)) {
    throw new GauntletError(
      'GAUNTLET_WRONG_ARCHITECTURE',
      `The image archive ${path} is for ${found.join(', ')}, the cluster for ${architecture}`,
      {
        hint: `Build the image for linux/${architecture}.`,
      },
    );
  }
  return { reference, architectures, path, digest, bytes };
}

/**
 * Opens up an image archive: configuration, layers and their files, for each architecture.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if it is broken, holds no image or several.
 */
export async function describeImage(path: string, signal?: AbortSignal): Promise<ImageDescription> {
  const { description } = await openImage(path, { listFiles: true }, signal);
  return description;
}

async function openImage(path: string, options: { readonly listFiles: boolean }, signal?: AbortSignal) {
  const scanned = await scanArchive(path, options, signal);
  const image = resolve(path, scanned);
  const platforms = image.platforms.map(({ config, layers }) => describePlatform(config, layers, scanned));
  const description: ImageDescription = {
    reference: image.reference ?? '',
    architectures: knownArchitectures.filter((known) => platforms.some(({ architecture }) => architecture === known)),
    path,
    digest: image.digest,
    bytes: scanned.bytes,
    platforms,
  };
  return { image, description };
}

function resolve(path: string, scanned: ScannedArchive): ResolvedImage {
  try {
    return resolveImage(scanned);
  } catch (error) {
    throw unreadableArchive(path, messageOf(error), error);
  }
}

function describePlatform(config: ReadConfig, layers: readonly string[], { blobs }: ScannedArchive): PlatformDescription {
  const history = (config.history ?? []).filter((step) => step.empty_layer !== true);
  return {
    architecture: config.architecture,
    config: readConfig(config),
    layers: layers.map((blob, index): LayerDescription => {
      const step = history[index];
      return { name: step?.comment ?? step?.created_by ?? '', blob, bytes: 0, ...blobs.get(blob) };
    }),
  };
}

function readConfig({ config }: ReadConfig): ImageConfig {
  const { User: user, Env, Entrypoint, Cmd: cmd, WorkingDir: workingDirectory, Labels: labels } = config ?? {};
  return {
    entrypoint: Entrypoint ?? [],
    ...(cmd && { cmd }),
    ...(user && { user }),
    ...(Env && { env: Object.fromEntries(Env.map((pair) => [pair.split('=', 1)[0] ?? '', pair.slice(pair.indexOf('=') + 1)])) }),
    ...(labels && { labels }),
    ...(workingDirectory && { workingDirectory }),
  };
}
