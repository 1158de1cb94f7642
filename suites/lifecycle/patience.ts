// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../harness/kube/kube.ts';
import { seconds, type Duration } from '../../harness/units.ts';

/**
 * What is written is in force at once, or, where a gateway makes its proxies wait for something else, after 15 s. kgateway 2.2.0 now and then tells a
 * proxy nothing of a route, or goes on missing a Secret that was written with its policy, before they are changed again.
 */
export const usualPatience: Duration = seconds(20);

/** The same object with a change that says nothing, for a gateway that missed it. */
export function writtenAgain<T extends Resource>(resource: T): T {
  return {
    ...resource,
    metadata: { ...resource.metadata, annotations: { ...resource.metadata.annotations, 'gauntlet.dev/written': 'again' } },
  };
}
