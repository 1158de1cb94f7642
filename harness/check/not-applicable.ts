// SPDX-License-Identifier: Apache-2.0

/**
 * Thrown where a check wants something of the gateway that it has no words for, such as a policy with an option that its kinds do not have: the check is
 * `not-applicable`, with this message as the reason. Never for something that the gateway has words for and does wrong.
 */
export class NotApplicable extends Error {
  override readonly name = 'NotApplicable';
}
