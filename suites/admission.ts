// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../harness/check/check.ts';
import { Mismatch } from '../harness/check/expect.ts';
import { holds } from '../harness/check/matchers.ts';
import { GauntletError } from '../harness/errors.ts';
import type { Resource } from '../harness/kube/kube.ts';

/**
 * Holds when the API server refuses the resource with a message that contains the words. Nothing is stored in either case.
 *
 * @throws Mismatch when it does not.
 */
export async function notAdmitted(
  { kube, namespace }: Pick<CheckContext, 'kube' | 'namespace'>,
  resource: Resource,
  words: string,
): Promise<void> {
  const placed = { ...resource, metadata: { ...resource.metadata, namespace } };
  const refusal = await kube.apply(placed, { dryRun: true }).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof GauntletError && error.code === 'GAUNTLET_API') return error.message;
      throw error;
    },
  );
  if (refusal === undefined) throw new Mismatch(`a refusal: ${words}`, 'no refusal');
  holds(refusal.includes(words), `a refusal: ${words}`, refusal);
}
