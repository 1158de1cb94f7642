// SPDX-License-Identifier: Apache-2.0
import { targets } from '../../../fixtures/targets/index.ts';
import type { PlannedTarget } from '../../run/plan.ts';
import { lackingParts } from '../../target/lacking-parts.ts';
import type { Target } from '../../target/target.ts';
import type { SessionOptions } from '../options.ts';

/**
 * A target as a plan sees it, with what the build that the options give does not contain.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` if a given image cannot be read.
 */
export async function plannedTarget(
  target: Target,
  { proxyBin, proxyImage }: Pick<SessionOptions, 'proxyBin' | 'proxyImage'>,
): Promise<PlannedTarget> {
  const { name, title, features } = target;
  return {
    name,
    title,
    features,
    installations: Object.keys(target.installations),
    lacking: await lackingParts(target, {
      ...(proxyBin === undefined ? {} : { proxyBinary: proxyBin }),
      ...(proxyImage === undefined ? {} : { proxyImage }),
    }),
    others: targets.map((other) => other.name).filter((other) => other !== name),
  };
}
