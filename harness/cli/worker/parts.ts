// SPDX-License-Identifier: Apache-2.0
import type { PlannedCheck } from '../../run/events.ts';

/**
 * Most executions that share a session. What all of them need of the cluster stands from its start; a thousand namespaces with their Services are more
 * than a gateway, which tells each proxy of each Service, can bear on two cores.
 */
export const mostExecutions = 300;

/** A plan in parts, in its order; at least one. The executions of a check stay together. */
export function partsOf(plan: readonly PlannedCheck[], most: number): readonly (readonly PlannedCheck[])[] {
  const count = Math.max(1, Math.ceil(executionsOf(plan) / most));
  const share = executionsOf(plan) / count;
  const parts: PlannedCheck[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const check of plan) {
    parts[Math.min(count - 1, Math.floor(before / share))]?.push(check);
    before += check.executions.length;
  }
  return parts.filter((part, index) => part.length > 0 || index === 0);
}

const executionsOf = (plan: readonly PlannedCheck[]): number => plan.reduce((sum, { executions }) => sum + executions.length, 0);
