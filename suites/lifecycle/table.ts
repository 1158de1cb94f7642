// SPDX-License-Identifier: Apache-2.0
import type { RegisteredCheck } from '../../harness/check/check.ts';
import { cellCheck } from './cell.ts';
import type { EventRow } from './event-row.ts';
import { instrumentEvents } from './events/instrument-events.ts';
import { peerEvents } from './events/peer-events.ts';
import { policyEvents } from './events/policy-events.ts';
import { referenceEvents } from './events/reference-events.ts';
import { levels, type Level } from './levels.ts';
import { askingPolicies } from './policies/asking.ts';
import { credentialPolicies } from './policies/credentials.ts';
import type { PolicyRow } from './policy-row.ts';

/** The policies of the matrix. */
export const policyRows: readonly PolicyRow[] = [...askingPolicies, ...credentialPolicies];

/** The events of the matrix. */
export const eventRows: readonly EventRow[] = [...policyEvents, ...peerEvents, ...referenceEvents, ...instrumentEvents];

/** One cell of the matrix: its check, or why there is none. */
export interface Cell {
  readonly policy: PolicyRow;
  readonly event: EventRow;
  readonly level: Level;
  /** Why it cannot exist; absent if it does. */
  readonly cannot?: string;
}

/** The whole matrix, each combination once. */
export function allCells(): readonly Cell[] {
  return policyRows.flatMap((policy) =>
    eventRows.flatMap((event) =>
      levels.map((level) => {
        const cannot = policy.cannot[level] ?? event.cannot?.(policy, level);
        return { policy, event, level, ...(cannot === undefined ? {} : { cannot }) };
      }),
    ),
  );
}

/** The checks of all cells that can exist. */
export function cellChecks(): readonly RegisteredCheck[] {
  return allCells()
    .filter(({ cannot }) => cannot === undefined)
    .map(({ policy, event, level }) => ({ ...cellCheck(policy, event, level), file: 'suites/lifecycle/table.ts' }));
}
