// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds, type Duration } from '../../units.ts';

/** How often a component may die, and how fast it is started again. */
export const restartLimits = {
  /** Deaths within {@link restartLimits.window} that are forgiven; one more and the cluster is given up. */
  deaths: 4,
  window: seconds(60),
  /** Doubles with every death within the window. */
  firstDelay: milliseconds(100),
} as const;

/**
 * How long to wait before a component is started again, or `undefined` to give it up.
 *
 * @param deaths - times of its deaths, the newest last, in milliseconds of any clock
 */
export function restartDelay(deaths: readonly number[]): Duration | undefined {
  const newest = deaths.at(-1);
  if (newest === undefined) return restartLimits.firstDelay;
  const recent = deaths.filter((death) => death > newest - restartLimits.window.ms).length;
  if (recent > restartLimits.deaths) return undefined;
  return milliseconds(restartLimits.firstDelay.ms * 2 ** (recent - 1));
}
