// SPDX-License-Identifier: Apache-2.0

/**
 * The six outcomes of a check.
 *
 * - `pass`: the requirement held.
 * - `fail`: a MUST did not hold.
 * - `known-gap`: it did not hold, and the baseline says that this release is known to break it.
 * - `warn`: a SHOULD did not hold.
 * - `not-applicable`: the target does not claim the feature, or has no words for what the check asks of it; out of every count.
 * - `could-not-run`: claimed but not exercised, and what was missing; makes the run incomplete, unless the plan knew that the
 *   build of the gateway lacks a part.
 */
export type Verdict = 'pass' | 'fail' | 'known-gap' | 'warn' | 'not-applicable' | 'could-not-run';

/**
 * The outcome of a check under a sabotage.
 *
 * - `proven`: the expectation that the sabotage breaks failed.
 * - `survived`: the check stayed green; a defect of the check.
 * - `broke-elsewhere`: another expectation failed; nothing is proven about the one that counts.
 * - `could-not-run`: a failure of the harness.
 */
export type ProofVerdict = 'proven' | 'survived' | 'broke-elsewhere' | 'could-not-run';

/** The outcome of a whole run, with its exit code: 0, 1 or 3; a harness error ends with 4 instead. */
export type RunVerdict = 'pass' | 'fail' | 'incomplete';

/** Exit code for each outcome of a run. */
export const exitCodes: Readonly<Record<RunVerdict, 0 | 1 | 3>> = { pass: 0, fail: 1, incomplete: 3 };
