// SPDX-License-Identifier: Apache-2.0

/**
 * A row of `suites/features.ts`: something that a gateway can do and that a target claims or does not.
 * A check of a row that a target does not claim is `not-applicable` to it.
 */
export interface Feature {
  /** Dotted path, kebab-case parts: `authentication.ext-auth`. A selection by `authentication` takes the whole subtree. */
  readonly id: string;
  /** As it is called in reports: `External authorization`. */
  readonly title: string;
  /** What a target promises by claiming it, one sentence. */
  readonly claim: string;
}
