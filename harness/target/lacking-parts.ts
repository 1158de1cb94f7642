// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import { describeImage } from '../images/read-image.ts';
import type { ImageDescription } from '../images/read-image.ts';
import { proxyPart, type ProxyBuild, type Target } from './target.ts';

/**
 * The parts of a target that a build of it does not contain, each with the reason. Gauntlet's own images contain none of them;
 * of a given proxy image its files tell, and any given proxy is a proxy.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if the given image cannot be read.
 */
export async function lackingParts(
  target: Pick<Target, 'parts'>,
  { proxyBinary, proxyImage }: ProxyBuild,
  signal?: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const parts = Object.entries(target.parts);
  const needsFiles = proxyImage !== undefined && parts.some(([, { path }]) => path !== undefined);
  const files = needsFiles ? filesOf(await describeImage(proxyImage, signal)) : new Set<string>();
  const isGiven = proxyBinary !== undefined || proxyImage !== undefined;
  const lacking = parts.filter(([name, { path }]) => (name === proxyPart ? !isGiven : path === undefined || !files.has(path)));
  return Object.fromEntries(lacking.map(([name, { title, reason }]) => [name, `${title} is missing: ${reason}`]));
}

/** Whether a target has no proxy but a given one. */
export function lacksProxy(target: Pick<Target, 'parts'>, { proxyBinary, proxyImage }: ProxyBuild): boolean {
  return proxyPart in target.parts && proxyBinary === undefined && proxyImage === undefined;
}

/**
 * For what makes no sense without a proxy.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if the build has none.
 */
export function assertProxy(target: Pick<Target, 'parts' | 'title'>, build: ProxyBuild, what: string): void {
  if (!lacksProxy(target, build)) return;
  throw new GauntletError('GAUNTLET_USAGE', `${what} needs a proxy, and ${target.title} comes without one`, {
    hint: `Give one: ${target.parts[proxyPart]?.reason ?? ''}.`,
  });
}

function filesOf({ platforms }: ImageDescription): ReadonlySet<string> {
  const paths = platforms.flatMap(({ layers }) => layers.flatMap(({ files = [] }) => files.map(({ path }) => path)));
  return new Set(paths.map((path) => path.replace(/^\.?\//, '')));
}
