// SPDX-License-Identifier: Apache-2.0
import type { RegisteredCheck } from '../../harness/check/check.ts';
import { cellCheck } from './cell.ts';
import type { EventRow } from './event-row.ts';
import { eventRows } from './events/events.ts';
import { levels, type Level } from './levels.ts';
import { askingPolicies } from './policies/asking.ts';
import { clientCertificatePolicies } from './policies/client-certificates.ts';
import { credentialPolicies } from './policies/credentials.ts';
import { loginPolicies } from './policies/login.ts';
import { requestPolicies } from './policies/requests.ts';
import type { PolicyRow } from './policy-row.ts';

/** The policies of the matrix. */
export const policyRows: readonly PolicyRow[] = [
  ...askingPolicies,
  ...credentialPolicies,
  ...loginPolicies,
  ...requestPolicies,
  ...clientCertificatePolicies,
];

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
