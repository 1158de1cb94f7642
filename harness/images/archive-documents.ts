// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { blobPath } from './oci.ts';
import type { ScannedArchive } from './scan-archive.ts';

const descriptor = z.object({
  mediaType: z.string().optional(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  platform: z.object({ architecture: z.string(), os: z.string() }).optional(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

const ociIndex = z.object({ manifests: z.array(descriptor) });

const ociManifest = z.object({ config: descriptor, layers: z.array(descriptor) });

const dockerManifests = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }));

const imageConfig = z.object({
  architecture: z.string(),
  os: z.string().optional(),
  config: z
    .object({
      User: z.string().optional(),
      Env: z.array(z.string()).nullish(),
      Entrypoint: z.array(z.string()).nullish(),
      Cmd: z.array(z.string()).nullish(),
      WorkingDir: z.string().optional(),
      Labels: z.record(z.string(), z.string()).nullish(),
    })
    .nullish(),
  history: z
    .array(z.object({ comment: z.string().optional(), created_by: z.string().optional(), empty_layer: z.boolean().optional() }))
    .nullish(),
});

/** The part of an image configuration that Gauntlet reads. */
export type ReadConfig = z.infer<typeof imageConfig>;

/** An image as an archive's documents tell of it, whichever of the two formats they have. */
export interface ResolvedImage {
  /** How the archive says what is in it. */
  readonly format: 'oci' | 'docker';
  /** As written in the archive; it may be a tag only, or nothing. */
  readonly reference: string | undefined;
  /** Digest of the index or manifest; of the configuration in Docker's format, which has neither. */
  readonly digest: string;
  readonly platforms: readonly ResolvedPlatform[];
}

/** One architecture of a {@link ResolvedImage}. */
export interface ResolvedPlatform {
  readonly config: ReadConfig;
  /** Names of the layers in the archive, lowest first. */
  readonly layers: readonly string[];
}

/**
 * Finds the one image of an archive.
 *
 * @throws Error saying what is wrong with the archive.
 */
export function resolveImage({ documents, blobs }: Pick<ScannedArchive, 'documents' | 'blobs'>): ResolvedImage {
  const image = documents.has('index.json') ? resolveOci(documents) : resolveDocker(documents);
  if (image.platforms.length === 0) throw new Error('it has no Linux image');
  for (const layer of image.platforms.flatMap((platform) => platform.layers)) {
    if (!blobs.has(layer)) throw new Error(`the layer ${layer} is missing`);
  }
  return image;
}

type Documents = ReadonlyMap<string, unknown>;

function resolveOci(documents: Documents): ResolvedImage {
  const { manifests } = read(documents, 'index.json', ociIndex);
  // Docker repeats an image for each of its tags.
  const top = theOnly([...new Map(manifests.map((manifest) => [manifest.digest, manifest])).values()], 'index.json');
  const names = { ...top.annotations };
  const tags = documents.has('manifest.json')
    ? read(documents, 'manifest.json', dockerManifests).flatMap(({ RepoTags }) => RepoTags ?? [])
    : [];
  return {
    format: 'oci',
    reference: names['io.containerd.image.name'] ?? tags[0] ?? names['org.opencontainers.image.ref.name'],
    digest: top.digest,
    platforms: leaves(documents, top.digest).map(({ config, layers }) => ({
      config: read(documents, blobPath(config.digest), imageConfig),
      layers: layers.map(({ digest }) => blobPath(digest)),
    })),
  };
}

/** The manifests below a descriptor, without what is no Linux image, such as the attestations of BuildKit, and what Docker left out when saving. */
function leaves(documents: Documents, digest: string): readonly z.infer<typeof ociManifest>[] {
  const name = blobPath(digest);
  const index = ociIndex.safeParse(documents.get(name));
  if (!index.success) return [read(documents, name, ociManifest)];
  return index.data.manifests
    .filter(({ digest: manifest, platform }) => documents.has(blobPath(manifest)) && (platform === undefined || platform.os === 'linux'))
    .map((manifest) => read(documents, blobPath(manifest.digest), ociManifest));
}

function resolveDocker(documents: Documents): ResolvedImage {
  if (!documents.has('manifest.json')) throw new Error('it has neither index.json nor manifest.json, so it is no image');
  const { Config, RepoTags, Layers } = theOnly(read(documents, 'manifest.json', dockerManifests), 'manifest.json');
  const digest = /([0-9a-f]{64})/.exec(Config)?.[1] ?? '';
  return {
    format: 'docker',
    reference: RepoTags?.[0],
    digest: `sha256:${digest}`,
    platforms: [{ config: read(documents, Config, imageConfig), layers: Layers }],
  };
}

function theOnly<Item>(items: readonly Item[], where: string): Item {
  const [first, ...others] = items;
  if (first === undefined || others.length > 0) throw new Error(`${where} names ${items.length} images, not one`);
  return first;
}

function read<Schema extends z.ZodType>(documents: Documents, name: string, schema: Schema): z.infer<Schema> {
  if (!documents.has(name)) throw new Error(`the document ${name} is missing`);
  const result = schema.safeParse(documents.get(name));
  if (result.success) return result.data;
  const { path = [], message = '' } = result.error.issues[0] ?? {};
  throw new Error(`${name} is not as it should be: ${path.join('.')} ${message}`);
}
