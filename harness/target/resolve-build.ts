// SPDX-License-Identifier: Apache-2.0
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GauntletError, messageOf } from '../errors.ts';
import type { ImageArchive, ImageDefinition } from '../images/image.ts';
import { readArchive } from '../images/read-image.ts';
import { renameImage } from '../images/rename-image.ts';
import type { Architecture } from '../platform.ts';
import { assertProxy, lacksProxy } from './lacking-parts.ts';
import { tryBinary, withBinary } from './own-binary.ts';
import type { ProxyBuild, Target, TargetBinary, TargetBuild } from './target.ts';

/** A target with the build that is really under test: the release's, or one's own in place of parts of it. */
export interface ResolvedTarget extends Target {
  /** Images that are to be written. */
  readonly definitions: readonly ImageDefinition[];
  /** Images that were given, already under the references that the release's manifests name. */
  readonly archives: readonly ImageArchive[];
  /** What was given, for the report: part and origin. Empty for a release as it is. */
  readonly given: Readonly<Record<string, string>>;
}

/** What a build is resolved with. */
export interface BuildContext {
  readonly architecture: Architecture;
  /** Gauntlet's cache folder, for renamed images. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

/**
 * Puts what the user gave in place of what was released, and tries it, before anything starts.
 *
 * @throws GauntletError `GAUNTLET_USAGE`, `GAUNTLET_CONFIG_INVALID`, `GAUNTLET_WRONG_ARCHITECTURE`, `GAUNTLET_BINARY_BROKEN`, `GAUNTLET_IMAGE`.
 */
export async function resolveBuild(
  target: Target,
  build: TargetBuild,
  context: BuildContext,
): Promise<{ readonly target: ResolvedTarget; readonly helmSet: readonly string[] }> {
  const helmSet = build.helmSet ?? [];
  for (const pair of helmSet) checkPair(pair);
  const { controller, proxy } = target.binaries;
  const parts = await Promise.all([
    resolvePart(
      { name: 'controller', image: target.images.controller, binary: controller },
      build.controllerBinary,
      build.controllerImage,
      context,
    ),
    lacksProxy(target, build)
      ? nothing
      : resolvePart({ name: 'proxy', image: target.images.proxy, binary: proxy }, build.proxyBinary, build.proxyImage, context),
  ]);
  const given = Object.assign({}, ...parts.map((part) => part.given)) as Readonly<Record<string, string>>;
  const own = Object.keys(given);
  const without = lacksProxy(target, build) ? ['without its proxy'] : [];
  return {
    target: {
      ...target,
      title: [target.title, ...(own.length > 0 ? [`with a given ${own.join(' and ')}`] : []), ...without].join(' '),
      definitions: parts.flatMap((part) => part.definitions),
      archives: parts.flatMap((part) => part.archives),
      given,
    },
    helmSet,
  };
}

/** What is resolved where a target has no proxy of its own and none is given: its pods wait for an image that never comes. */
const nothing: ResolvedPart = { definitions: [], archives: [], given: {} };

/** A proxy that runs beside the target's own. */
export interface Candidate extends ResolvedPart {
  /** Of its image. */
  readonly reference: string;
}

/**
 * A proxy of one's own under a reference of its own, so that both can run in one cluster.
 *
 * @throws GauntletError as {@link resolveBuild} does.
 */
export async function resolveCandidate(target: Target, build: ProxyBuild, context: BuildContext): Promise<Candidate> {
  assertProxy(target, build, 'A candidate');
  const reference = `${target.images.proxy.reference}-candidate`;
  const image = { ...target.images.proxy, reference, title: `${target.images.proxy.title}, the candidate` };
  const part = await resolvePart({ name: 'proxy', image, binary: target.binaries.proxy }, build.proxyBinary, build.proxyImage, context);
  return { ...part, reference, given: { candidate: part.given['proxy'] ?? 'the release' } };
}

interface Part {
  readonly name: 'controller' | 'proxy';
  readonly image: ImageDefinition;
  readonly binary: TargetBinary;
}

type ResolvedPart = Pick<ResolvedTarget, 'definitions' | 'archives' | 'given'>;

async function resolvePart(
  part: Part,
  binaryPath: string | undefined,
  imagePath: string | undefined,
  context: BuildContext,
): Promise<ResolvedPart> {
  if (binaryPath !== undefined && imagePath !== undefined) {
    throw new GauntletError('GAUNTLET_USAGE', `Both a binary and an image were given for the ${part.name}`, { hint: 'Give one of them.' });
  }
  if (binaryPath !== undefined) return givenBinary(part, binaryPath, context);
  if (imagePath !== undefined) return givenImage(part, resolve(imagePath), context);
  return { definitions: [part.image], archives: [], given: {} };
}

async function givenBinary({ name, image, binary }: Part, path: string, { architecture }: BuildContext): Promise<ResolvedPart> {
  const tool = await tryBinary(path, binary, architecture);
  return { definitions: [withBinary(image, tool)], archives: [], given: { [name]: `${tool.file()} ${tool.version} ${tool.digest}` } };
}

async function givenImage(
  { name, image }: Part,
  path: string,
  { architecture, cacheDirectory, signal }: BuildContext,
): Promise<ResolvedPart> {
  await access(path).catch((error: unknown) => {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `The image archive ${path} cannot be read: ${messageOf(error)}`, {
      hint: 'Give the path of a file written by "docker save", or of an OCI image layout in a tar.',
      cause: error,
    });
  });
  const archive = await readArchive(path, architecture, signal);
  const renamed = await renameImage(archive, image.reference, { cacheDirectory, ...(signal && { signal }) });
  return { definitions: [], archives: [renamed], given: { [name]: `${path} ${archive.digest}` } };
}

function checkPair(pair: string): void {
  if (/^[^=]+=/.test(pair)) return;
  throw new GauntletError('GAUNTLET_USAGE', `--helm-set ${JSON.stringify(pair)} is not KEY=VALUE`, {
    hint: 'Write it as helm --set takes it.',
  });
}
