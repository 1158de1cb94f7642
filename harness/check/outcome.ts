// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { PlannedExecution } from '../run/events.ts';
import type { BaselineEntry } from './baseline.ts';
import { subjectLeftOut, type Check } from './check.ts';
import { CheckDefect, type ExpectationFailed } from './expectations.ts';
import type { ProofVerdict, Verdict } from './verdict.ts';

/** How the function of a check ended. */
export type Ending =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly failure: ExpectationFailed }
  /** The gateway has no words for what the check is about, and which they are. */
  | { readonly kind: 'not-applicable'; readonly reason: string }
  /** Nothing can be said about the gateway, and why. */
  | { readonly kind: 'broken'; readonly reason: string };

/** What one execution comes to. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly proof?: ProofVerdict;
  readonly reason?: string;
}

/** What the baseline says about a check. */
export interface KnownGap {
  readonly entry: BaselineEntry;
  readonly expired: boolean;
}

/** An ending for anything that was thrown and is no failed expectation. */
export function broken(error: unknown): Ending {
  if (error instanceof GauntletError) return { kind: 'broken', reason: `${error.code}: ${error.message} ${error.hint}` };
  if (error instanceof CheckDefect) return { kind: 'broken', reason: `Defect of the check: ${error.message}` };
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { kind: 'broken', reason: `Defect of the check: it threw something that is no mismatch: ${what}` };
}

/** The outcome of an execution without a sabotage: a broken MUST fails, unless the baseline knows it; anything less binding warns. */
export function judgeRun(check: Check, ending: Ending, gap: KnownGap | undefined): Outcome {
  switch (ending.kind) {
    case 'broken':
      return { verdict: 'could-not-run', reason: ending.reason };
    case 'not-applicable':
      if (gap) return { verdict: 'fail', reason: `${gap.entry.where} is stale: the check is not applicable, so the entry must go` };
      return { verdict: 'not-applicable', reason: ending.reason };
    case 'held':
      if (!gap) return { verdict: 'pass' };
      // Not a pass: that would be flaky beside an execution in which it shows, and it is known to be there.
      if (gap.entry.sometimes && !gap.expired)
        return { verdict: 'known-gap', reason: `It did not show this time. ${gap.entry.reason} (${gap.entry.link})` };
      return { verdict: 'fail', reason: `${gap.entry.where} is stale: the check passes now, so the entry must go` };
    case 'failed':
      if (gap) return judgeKnownGap(ending.failure, gap);
      return { verdict: check.level === 'MUST' ? 'fail' : 'warn' };
  }
}

/** The outcome of an execution under a sabotage: `pass` when exactly the expectation failed that the sabotage breaks. */
export function judgeProof(check: Check, planned: PlannedExecution, ending: Ending, wired: boolean): Outcome {
  const sabotage = check.sabotages.find((one) => one.name === planned.sabotage);
  if (ending.kind === 'broken') return unproven('could-not-run', ending.reason);
  if (ending.kind === 'not-applicable') return { verdict: 'not-applicable', reason: ending.reason };
  if (!sabotage) return unproven('could-not-run', `The check has no sabotage ${planned.sabotage ?? ''}`);
  if (!wired) return unproven('could-not-run', notWired(sabotage.name));
  if (ending.kind === 'held') {
    return unproven('survived', `The check stays green although ${JSON.stringify(sabotage.title)}: it does not test what it says`);
  }
  const { expectation } = ending.failure;
  if (expectation === sabotage.breaks) return { verdict: 'pass', proof: 'proven' };
  return unproven('broke-elsewhere', `${sabotage.name} should break "${sabotage.breaks}" and broke "${expectation}"`);
}

function judgeKnownGap(failure: ExpectationFailed, { entry, expired }: KnownGap): Outcome {
  const known = [entry, ...(entry.also ?? [])].some(
    ({ expectation, observed }) => failure.expectation === expectation && failure.actual.includes(observed),
  );
  if (!known) {
    const seen = `"${failure.expectation}" got ${failure.actual}`;
    return {
      verdict: 'fail',
      reason: `${entry.where} knows another result: "${entry.expectation}" got ${entry.observed}; this time ${seen}`,
    };
  }
  if (expired) return { verdict: 'fail', reason: `${entry.where} expired on ${entry.expires}: ${entry.reason} (${entry.link})` };
  return { verdict: 'known-gap', reason: `${entry.reason} (${entry.link})` };
}

function unproven(proof: Exclude<ProofVerdict, 'proven'>, reason: string): Outcome {
  return { verdict: proof === 'could-not-run' ? 'could-not-run' : 'fail', proof, reason };
}

const notWired = (name: string): string =>
  name === subjectLeftOut
    ? `Defect of the check: sabotage ${name} is not wired: run never called apply.subject`
    : `Defect of the check: sabotage ${name} is not wired: run never asked sabotaged('${name}')`;
