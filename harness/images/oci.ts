// SPDX-License-Identifier: Apache-2.0
import type { Architecture } from '../platform.ts';
import type { ImageConfig } from './image.ts';
import { sha256 } from './source-digest.ts';

/** Media types of the OCI image specification that Gauntlet writes. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

/** Content of an image archive that is JSON, with its digest. */
export interface Blob {
  /** `sha256:...` */
  readonly digest: string;
  readonly text: string;
}

/** A layer as the image's documents refer to it. */
export interface LayerReference {
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
}

/** The documents of an image for one architecture. */
export interface PlatformDocuments {
  readonly architecture: Architecture;
  readonly config: Blob;
  readonly manifest: Blob;
  readonly layers: readonly LayerReference[];
}

/**
 * Writes configuration and manifest of one architecture.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
 */
export function describePlatform(architecture: Architecture, image: ImageConfig, layers: readonly LayerReference[]): PlatformDocuments {
  const config = blob({
    created: '1970-01-01T00:00:00Z',
    architecture,
    os: 'linux',
    config: {
      User: image.user,
      Env: image.env && Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
      Entrypoint: image.entrypoint,
      Cmd: image.cmd,
      WorkingDir: image.workingDirectory,
      Labels: image.labels,
    },
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map((layer) => ({ created: '1970-01-01T00:00:00Z', created_by: 'gauntlet', comment: layer.name })),
  });
  const manifest = blob({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(mediaTypes.config, config),
    layers: layers.map((layer) => ({ mediaType: mediaTypes.layer, digest: layer.digest, size: layer.bytes })),
  });
  return { architecture, config, manifest, layers };
}

/** Writes the index over all architectures of an image; its digest is the image's. */
export function describeIndex(platforms: readonly PlatformDocuments[]): Blob {
  return blob({
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: platforms.map(({ architecture, manifest }) => ({
      ...descriptor(mediaTypes.manifest, manifest),
      platform: { architecture, os: 'linux' },
    })),
  });
}

/** The files at the root of the archive, by name: the OCI layout, and what `docker load` reads. */
export function describeLayout(reference: string, index: Blob, platforms: readonly PlatformDocuments[]): Readonly<Record<string, string>> {
  const annotations = { 'io.containerd.image.name': reference, 'org.opencontainers.image.ref.name': tagOf(reference) };
  return {
    'index.json': JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: [{ ...descriptor(mediaTypes.index, index), annotations }],
    }),
    'manifest.json': JSON.stringify(
      platforms.slice(0, 1).map(({ config, layers }) => ({
        Config: blobPath(config.digest),
        RepoTags: [reference],
        Layers: layers.map((layer) => blobPath(layer.digest)),
      })),
    ),
    'oci-layout': JSON.stringify({ imageLayoutVersion: '1.0.0' }),
  };
}

/** Where the content of a digest lies in an archive. */
export function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

/** The tag of a full reference: what follows the last colon of its last component. */
export function tagOf(reference: string): string {
  return /:([^:/@]+)$/.exec(reference)?.[1] ?? 'latest';
}

function blob(document: unknown): Blob {
  const text = JSON.stringify(document);
  return { digest: `sha256:${sha256(text)}`, text };
}

function descriptor(mediaType: string, { digest, text }: Blob) {
  return { mediaType, digest, size: Buffer.byteLength(text) };
}
