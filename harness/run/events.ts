// SPDX-License-Identifier: Apache-2.0
import type { GateDecision } from '../bench/gate.ts';
import type { Chart, Measurement } from '../bench/measurement.ts';
import type { Window } from '../bench/recording.ts';
import type { ErrorCode } from '../errors.ts';
import type { CellAddress, CellResult } from '../lifecycle/cell-result.ts';
import type { Level, SpecificationLink } from '../check/check.ts';
import type { ProofVerdict, RunVerdict, Verdict } from '../check/verdict.ts';

/**
 * Everything that a run says, in order. Events are plain JSON: the journal is one per line, the {@link RunDocument} is their fold,
 * and every report is a function of that. `at` is milliseconds since the epoch.
 */
export type RunEvent =
  | RunStarted
  | EnvironmentKnown
  | PhaseStarted
  | PhaseEnded
  | ProgressMade
  | CheckStarted
  | AttemptMade
  | EvidenceGathered
  | CheckEnded
  | CellEnded
  | WindowMeasured
  | GateDecided
  | Measured
  | Charted
  | ConformanceTestEnded
  | ConformanceEnded
  | HarnessFailed
  | RunEnded;

interface EventBase {
  readonly at: number;
}

/** First event of every run. */
export interface RunStarted extends EventBase {
  readonly type: 'run-started';
  readonly runId: string;
  readonly kind: 'run' | 'prove' | 'conformance' | 'lifecycle' | 'bench' | 'load';
  /** The command as typed, without the program: `run extauth -j 4`. */
  readonly command: string;
  readonly gauntlet: { readonly version: string; readonly commit?: string };
  readonly target: { readonly name: string; readonly version: string; readonly title: string; readonly gatewayClass: string };
  readonly architecture: string;
  readonly seed: number;
  readonly jobs: number;
  readonly budgets: Readonly<Record<string, number>>;
  /** What will be executed. Empty for the upstream suite. */
  readonly plan: readonly PlannedCheck[];
}

/** A check as the plan holds it: everything that a report needs to know of it. */
export interface PlannedCheck {
  readonly id: string;
  readonly title: string;
  readonly feature: string;
  readonly level: Level;
  readonly priority: 'P0' | 'P1';
  readonly file: string;
  readonly specification: readonly SpecificationLink[];
  readonly serial: boolean;
  /** How the gateway is installed for it. */
  readonly installation: string;
  /** Executions: one without a sabotage for `run`, times `--repeat`; for `prove` one per sabotage and one without. */
  readonly executions: readonly PlannedExecution[];
  /** Set when it will not be executed, with the reason. */
  readonly skipped?: { readonly verdict: 'not-applicable' | 'could-not-run'; readonly reason: string };
}

/** One execution of a check. */
export interface PlannedExecution {
  /** Unique within the run: the check's id, with `@<sabotage>` and `#<repetition>` where there is one. */
  readonly execution: string;
  readonly sabotage?: string;
  readonly repetition?: number;
}

/** What the run is about, once known; emitted as parts become known and merged. */
export interface EnvironmentKnown extends EventBase {
  readonly type: 'environment';
  /** Sections of name and value: `machine` (CPU, cores, memory, kernel, os), `cluster`, `tools` (version, source, digest), `images` (digest), `target`. */
  readonly sections: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** A stretch of the run: tools, images, cluster, install, checks, clean-up. */
export interface PhaseStarted extends EventBase {
  readonly type: 'phase-started';
  readonly phase: string;
  readonly title: string;
}

/** The end of a phase. */
export interface PhaseEnded extends EventBase {
  readonly type: 'phase-ended';
  readonly phase: string;
  readonly durationMs: number;
  readonly outcome: 'ok' | 'failed';
}

/** Something within a phase for a person who waits: `tool 3 of 14: kubelet, 41 s, expected 90 s`. */
export interface ProgressMade extends EventBase {
  readonly type: 'progress';
  readonly phase: string;
  readonly message: string;
  readonly done?: number;
  readonly total?: number;
}

/** An execution began. */
export interface CheckStarted extends EventBase {
  readonly type: 'check-started';
  readonly check: string;
  readonly execution: string;
  readonly namespace: string;
}

/** One attempt at an expectation. */
export interface AttemptMade extends EventBase {
  readonly type: 'attempt';
  readonly execution: string;
  readonly expectation: string;
  /** From 1. */
  readonly attempt: number;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly expected?: string;
  readonly actual?: string;
}

/** A piece of evidence, stored below the run's folder. */
export interface EvidenceGathered extends EventBase {
  readonly type: 'evidence';
  readonly execution: string;
  readonly title: string;
  /** Which end it is from. */
  readonly side: 'client' | 'peer' | 'gateway' | 'controller' | 'api' | 'check';
  readonly contentType: string;
  /** Path relative to the run's folder. */
  readonly file: string;
  /** Of the file; absent in a run of an older Gauntlet. */
  readonly sha256?: string;
}

/** A verdict. */
export interface CheckEnded extends EventBase {
  readonly type: 'check-ended';
  readonly check: string;
  readonly execution: string;
  /** Under a sabotage `pass` if that was noticed, else `fail` or `could-not-run`. */
  readonly verdict: Verdict;
  /** For an execution under a sabotage. */
  readonly proof?: ProofVerdict;
  readonly durationMs: number;
  /**
   * Time to converge: milliseconds from the first attempt to the first success of the streak, of each `eventually` that held;
   * the longest if the check repeats it.
   */
  readonly converged: Readonly<Record<string, number>>;
  readonly failure?: Failure;
  /** For `could-not-run` and `not-applicable`: why. */
  readonly reason?: string;
}

/** What came of one execution of a cell of the lifecycle matrix; before its verdict. */
export interface CellEnded extends EventBase {
  readonly type: 'cell-ended';
  readonly execution: string;
  readonly address: CellAddress;
  readonly result: CellResult;
}

/** One window of a gate: baseline and candidate under the same load. */
export interface WindowMeasured extends EventBase {
  readonly type: 'window-measured';
  readonly execution: string;
  readonly window: Window;
}

/** What a gate decided; before its verdict. */
export interface GateDecided extends EventBase {
  readonly type: 'gate-decided';
  readonly execution: string;
  readonly decision: GateDecision;
}

/** What a scenario measured; before its verdict. */
export interface Measured extends EventBase {
  readonly type: 'measured';
  readonly execution: string;
  readonly measurements: readonly Measurement[];
}

/** The same as a picture. */
export interface Charted extends EventBase {
  readonly type: 'charted';
  readonly execution: string;
  readonly chart: Chart;
}

/** Why a check failed, for its page. */
export interface Failure {
  /** The expectation that did not hold. */
  readonly expectation: string;
  readonly expected: string;
  readonly actual: string;
  readonly attempts: number;
  /** `all 41 attempts alike`, or how they differed. */
  readonly pattern: string;
  /** Status conditions and log lines that matter, most telling first. */
  readonly notes: readonly { readonly title: string; readonly text: string }[];
  /** Commands that show it again, in order. */
  readonly reproduce: readonly string[];
}

/** One test of the upstream suite. */
export interface ConformanceTestEnded extends EventBase {
  readonly type: 'conformance-test';
  readonly name: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
  /** Reason of a skip, or of a failure its last log lines. */
  readonly log?: string;
}

/** The upstream suite's own report, kept byte for byte. */
export interface ConformanceEnded extends EventBase {
  readonly type: 'conformance-ended';
  readonly apiVersion: string;
  /** Path relative to the run's folder. */
  readonly report: string;
  readonly reportSha256: string;
  readonly durationMs: number;
  readonly features: { readonly source: 'inferred' | 'all' | 'list'; readonly supported: readonly string[] };
  readonly profiles: readonly ConformanceProfile[];
  readonly provisional: readonly string[];
}

/** A profile's numbers as the report has them. */
export interface ConformanceProfile {
  readonly name: string;
  readonly core: ConformanceCounts;
  readonly extended?: ConformanceCounts;
}

/** Counts of one part of a profile. */
export interface ConformanceCounts {
  readonly result: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failedTests: readonly string[];
  readonly skippedTests: readonly string[];
}

/** A failure of the harness; what was measured before it stays valid. */
export interface HarnessFailed extends EventBase {
  readonly type: 'harness-failed';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Last event of a run that was not killed. */
export interface RunEnded extends EventBase {
  readonly type: 'run-ended';
  readonly verdict: RunVerdict;
  readonly exitCode: 0 | 1 | 2 | 3 | 4;
  readonly durationMs: number;
}
