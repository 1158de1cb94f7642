// SPDX-License-Identifier: Apache-2.0
import type { Cannot } from '../event-row.ts';
import type { Level } from '../levels.ts';
import type { PolicyRow } from '../policy-row.ts';

/** There is no cell if one of these says why. */
export const unless =
  (...reasons: readonly (Cannot | undefined)[]): Cannot =>
  (policy, level) =>
    reasons.map((reason) => reason?.(policy, level)).find((why) => why !== undefined);

/** Only policies that ask a server, or only those that do so for each request. */
export const needsServer =
  (kind?: NonNullable<PolicyRow['peer']>): Cannot =>
  ({ peer }) => {
    if (peer === undefined) return 'the policy asks no server';
    if (peer === 'logs-in') return 'the policy asks its server while someone logs in, and not for the requests of a session';
    return kind === undefined || peer === kind ? undefined : 'the policy does not ask its server for each request';
  };

/** Only policies that refer to an object of this kind. */
export const needsReference =
  (kind: PolicyRow['references'][number]): Cannot =>
  ({ references }) =>
    references.includes(kind) ? undefined : `the policy refers to no ${kind}`;

/** Only policies that are objects of their own, of which there may be two. */
export const needsSecond: Cannot = ({ isPart }) => (isPart === true ? 'it is a field of the Gateway, of which there is one' : undefined);

/** Only policies that attach to what they target. */
export const needsTarget: Cannot = (_, level) =>
  level === 'backendRef' ? 'a route that names a policy stands and falls with it' : undefined;

/** What happens to the whole proxy happens to each level alike, so that some are enough. */
export const playedOn =
  (...levels: readonly Level[]): Cannot =>
  ({ isPart }, level) =>
    // What is a part of the Gateway has no other level.
    levels.includes(level) || (isPart === true && level === 'gateway')
      ? undefined
      : `it happens to the whole proxy, at every level alike: played on ${levels.join(' and ')}`;
