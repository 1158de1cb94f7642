// SPDX-License-Identifier: Apache-2.0
import { describeImage } from '../images/read-image.ts';
import type { ImageDescription } from '../images/read-image.ts';
import type { Target, TargetBuild } from './target.ts';

/**
 * The parts of a target that a build of it does not contain, each with the reason. Gauntlet's own images contain none of them;
 * of a given proxy image its files tell.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if the given image cannot be read.
 */
export async function lackingParts(
  target: Pick<Target, 'parts'>,
  { proxyImage }: Pick<TargetBuild, 'proxyImage'>,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const parts = Object.entries(target.parts);
  if (parts.length === 0) return {};
  const files = proxyImage === undefined ? new Set<string>() : filesOf(await describeImage(proxyImage, signal));
  const lacking = parts.filter(([, { path }]) => !files.has(path));
  return Object.fromEntries(lacking.map(([name, { title, reason }]) => [name, `${title} is missing: ${reason}`]));
}

function filesOf({ platforms }: ImageDescription): ReadonlySet<string> {
  const paths = platforms.flatMap(({ layers }) => layers.flatMap(({ files = [] }) => files.map(({ path }) => path)));
  return new Set(paths.map((path) => path.replace(/^\.?\//, '')));
}
