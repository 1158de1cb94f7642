// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { extras } from '../../../mocks/extras.ts';
import { peersImage } from '../../../mocks/image.ts';
import { loadBackendImage } from '../../../mocks/load-backend/image.ts';
import { clusterImages, conformanceImages } from '../../images/definitions/index.ts';
import { buildImage, type BuildOptions } from '../../images/build-image.ts';
import type { ImageArchive, ImageDefinition } from '../../images/image.ts';
import type { RunStarted } from '../../run/events.ts';
import { cacheDirectory } from '../paths.ts';

/** The images that a session of this kind loads beside those of the gateway, those of the extras that are `wanted` included, and the reference of the peers' image, which conformance has no use for. */
export async function sessionImages(
  kind: RunStarted['kind'],
  wanted: readonly string[] = [],
): Promise<{ readonly images: readonly ImageDefinition[]; readonly peersImage: string }> {
  if (kind === 'conformance') return { images: [...clusterImages, ...conformanceImages], peersImage: '' };
  if (kind === 'bench') return { images: [...clusterImages, loadBackendImage], peersImage: '' };
  const peers = await peersImage(join(cacheDirectory(), 'bundles'));
  if (kind === 'load') return { images: [...clusterImages, loadBackendImage, peers], peersImage: peers.reference };
  return { images: [...clusterImages, peers, ...wanted.flatMap((name) => extras[name]?.image ?? [])], peersImage: peers.reference };
}

/** Writes images; those that are cached take milliseconds. */
export async function buildImages(
  definitions: readonly ImageDefinition[],
  options: Omit<BuildOptions, 'cacheDirectory'>,
): Promise<readonly ImageArchive[]> {
  const archives: ImageArchive[] = [];
  for (const definition of definitions) archives.push(await buildImage(definition, { ...options, cacheDirectory: cacheDirectory() }));
  return archives;
}
