// SPDX-License-Identifier: Apache-2.0
import { exitCodes, type RunVerdict } from '../check/verdict.ts';
import { errorCodes } from '../errors.ts';
import type { RunDocument } from './document.ts';

/** What a run comes to. */
export interface RunOutcome {
  readonly verdict: RunVerdict;
  readonly exitCode: 0 | 1 | 2 | 3 | 4;
}

/**
 * The outcome of a run whose events have all come. A failed check or upstream test makes it `fail`; what was claimed and not exercised,
 * and nothing exercised at all, make it `incomplete`. A check that was planned without an execution, because this build of the gateway lacks
 * what it needs, is told of in every report, and does not: otherwise no run of such a build could ever end well.
 * A failure of the harness decides the exit code, whatever the checks said.
 */
export function runOutcome(document: RunDocument): RunOutcome {
  const verdict = verdictOf(document);
  const [error] = document.errors;
  if (!error) return { verdict, exitCode: exitCodes[verdict] };
  return { verdict: verdict === 'fail' ? 'fail' : 'incomplete', exitCode: errorCodes[error.code].exitCode };
}

function verdictOf({ run, counts, conformance, checks }: RunDocument): RunVerdict {
  const tests = conformance?.tests ?? [];
  const executed = counts.pass + counts.fail + counts['known-gap'] + counts.warn;
  if (counts.fail > 0 || tests.some((test) => test.result === 'failed')) return 'fail';
  if (checks.some(({ verdict, executions }) => verdict === 'could-not-run' && executions.length > 0)) return 'incomplete';
  if (run.kind === 'conformance')
    return conformance !== undefined && conformance.report !== '' && tests.some((test) => test.result === 'passed') ? 'pass' : 'incomplete';
  return executed === 0 ? 'incomplete' : 'pass';
}
