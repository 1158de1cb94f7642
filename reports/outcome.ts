// SPDX-License-Identifier: Apache-2.0
import type { CheckResult, ExecutionResult, RunDocument } from '../harness/run/document.ts';
import type { Verdict } from '../harness/check/verdict.ts';
import { verdictsByUrgency } from './format.ts';

/** Executions of the check as it is, without a sabotage. */
export function plainExecutions(check: CheckResult): readonly ExecutionResult[] {
  return check.executions.filter((execution) => execution.sabotage === undefined);
}

/** Executions under a sabotage. */
export function sabotagedExecutions(check: CheckResult): readonly ExecutionResult[] {
  return check.executions.filter((execution) => execution.sabotage !== undefined);
}

/** Executions under a sabotage that proved nothing: for these the check, not the gateway, is to be mended. */
export function unproven(check: CheckResult): readonly ExecutionResult[] {
  return sabotagedExecutions(check).filter((execution) => execution.proof !== undefined && execution.proof !== 'proven');
}

/** Whether the check did not hold as it is, rather than under a sabotage only. */
export function failedAsIs(check: CheckResult): boolean {
  if (check.verdict === 'pass' || check.verdict === 'not-applicable') return false;
  return (
    sabotagedExecutions(check).length === 0 ||
    plainExecutions(check).some((execution) => execution.verdict !== undefined && execution.verdict !== 'pass')
  );
}

/** The execution that explains the check's verdict: the first without a sabotage that has it, else the first that has any failure of its own. */
export function decisiveExecution(check: CheckResult): ExecutionResult | undefined {
  const plain = plainExecutions(check);
  return (
    plain.find((execution) => execution.verdict === check.verdict) ?? plain.find((execution) => execution.failure !== undefined) ?? plain[0]
  );
}

/** Checks by urgency of their verdict, else in the order of the plan. */
export function byUrgency(checks: readonly CheckResult[]): readonly CheckResult[] {
  return checks.toSorted((a, b) => verdictsByUrgency.indexOf(a.verdict) - verdictsByUrgency.indexOf(b.verdict));
}

/** Checks with one of the verdicts, in the order of the plan. */
export function withVerdict(document: RunDocument, ...verdicts: readonly Verdict[]): readonly CheckResult[] {
  return document.checks.filter((check) => verdicts.includes(check.verdict));
}

/** How long a check took in all its executions, in milliseconds; undefined when none ended. */
export function totalMs(check: CheckResult): number | undefined {
  const known = check.executions.flatMap((execution) => execution.durationMs ?? []);
  return known.length === 0 ? undefined : known.reduce((sum, ms) => sum + ms, 0);
}

/** How fast the executions went: how many a minute, of those that ended; undefined until some time has passed. */
export function pace({ checks, phases }: RunDocument): number | undefined {
  const ended = checks.flatMap(({ executions }) => executions).filter(({ durationMs }) => durationMs !== undefined).length;
  const ms = phases.filter(({ phase }) => phase === 'checks').reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);
  return ms < 1_000 || ended === 0 ? undefined : Math.round((ended * 60_000) / ms);
}

/** The slowest checks, slowest first. */
export function slowest(document: RunDocument, count: number): readonly { readonly check: CheckResult; readonly ms: number }[] {
  return document.checks
    .flatMap((check) => {
      const ms = totalMs(check);
      return ms === undefined ? [] : [{ check, ms }];
    })
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, count);
}

/** How long one expectation of one check took to hold, in each execution without a sabotage. */
export interface Convergence {
  readonly check: CheckResult;
  readonly expectation: string;
  /** Milliseconds, ascending, never empty. */
  readonly samples: readonly number[];
  readonly medianMs: number;
  readonly maxMs: number;
}

/** Time to converge of every expectation that held, slowest first. */
export function convergences(document: RunDocument): readonly Convergence[] {
  return document.checks.flatMap(convergencesOf).toSorted((a, b) => b.maxMs - a.maxMs);
}

function convergencesOf(check: CheckResult): readonly Convergence[] {
  const samples = new Map<string, number[]>();
  for (const execution of plainExecutions(check)) {
    for (const [expectation, ms] of Object.entries(execution.converged)) {
      samples.set(expectation, [...(samples.get(expectation) ?? []), ms]);
    }
  }
  return [...samples].map(([expectation, unsorted]) => {
    const sorted = unsorted.toSorted((a, b) => a - b);
    return { check, expectation, samples: sorted, medianMs: median(sorted), maxMs: sorted.at(-1) ?? 0 };
  });
}

/** How long expectations were waited for, over the whole run. */
export interface Waits {
  /** Measurements that held at the first attempt. */
  readonly atOnce: number;
  /** Milliseconds of those that did not, ascending. */
  readonly waited: readonly number[];
}

/** Whether an expectation held at its first attempt, which begins within the first millisecond. */
export const isAtOnce = (ms: number): boolean => ms < 1;

/** Measurements of time to converge, apart by whether there was anything to wait for: else the many that hold at once hide the others. */
export function waits(document: RunDocument): Waits {
  const samples = convergences(document).flatMap((one) => one.samples);
  const waited = samples.filter((ms) => !isAtOnce(ms)).toSorted((a, b) => a - b);
  return { waited, atOnce: samples.length - waited.length };
}

/** Median of values in ascending order; 0 of none. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper;
}

/** Outcomes of all sabotages of the run. */
export function proofCounts(document: RunDocument): { readonly proven: number; readonly unproven: number; readonly open: number } {
  const all = document.checks.flatMap(sabotagedExecutions);
  const proven = all.filter((execution) => execution.proof === 'proven').length;
  const open = all.filter((execution) => execution.proof === undefined || execution.proof === 'could-not-run').length;
  return { proven, open, unproven: all.length - proven - open };
}

/** Folder of the check's evidence, relative to the run's; undefined without evidence. */
export function evidenceFolder(execution: ExecutionResult | undefined): string | undefined {
  const file = execution?.evidence[0]?.file;
  return file?.includes('/') === true ? file.slice(0, file.lastIndexOf('/') + 1) : undefined;
}

/** The gateway under test with its version, which some titles hold already. */
export function targetTitle({ title, version }: RunDocument['run']['target']): string {
  return title.includes(version) ? title : `${title} ${version}`;
}

/** The commands that show a failure again, in order, ending with the one that runs its check again unless it is among them. */
export function reproduction(document: RunDocument, check: CheckResult): readonly string[] {
  const commands = decisiveExecution(check)?.failure?.reproduce ?? [];
  const again = runAgain(document, check);
  return commands.includes(again) ? commands : [...commands, again];
}

/** The command that runs one check again and leaves everything in place. */
export function runAgain(document: RunDocument, check: CheckResult): string {
  const openedByForce = document.run.kind === 'lifecycle' && unproven(check).length > 0 ? ' --prove' : '';
  return `${commandOf(document)} ${check.id}${openedByForce} --keep`;
}

/** The command that a run's checks are run with. */
export function commandOf({ run }: RunDocument): string {
  return `gauntlet ${run.kind}`;
}

/** What Node calls architectures that Go and OCI call otherwise. */
const goNames: Readonly<Record<string, string>> = { x64: 'amd64' };

/** The architecture under test, and whether the machine only emulated it: its numbers are then to be compared with none. */
export function architectureText({ run, environment }: RunDocument): string {
  const machine = environment['machine']?.['architecture'];
  if (machine === undefined || (goNames[machine] ?? machine) === run.architecture) return run.architecture;
  return `${run.architecture} (emulated on ${goNames[machine] ?? machine})`;
}
