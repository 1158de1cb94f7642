// SPDX-License-Identifier: Apache-2.0
import type { GateDecision } from '../bench/gate.ts';
import type { Chart, Measurement } from '../bench/measurement.ts';
import type { Window } from '../bench/recording.ts';
import type { ProofVerdict, RunVerdict, Verdict } from '../check/verdict.ts';
import type { CellAddress, CellResult } from '../lifecycle/cell-result.ts';
import type {
  ConformanceEnded,
  ConformanceTestEnded,
  EvidenceGathered,
  Failure,
  HarnessFailed,
  PlannedCheck,
  RunStarted,
} from './events.ts';

/** Version of the document's shape; a change that breaks readers raises it. */
export const documentVersion = 1;

/**
 * The one truth about a run: the fold of its events. Every report is rendered from it, and can be rendered again offline.
 * Its JSON Schema is generated into `docs/generated/run-document.schema.json`.
 */
export interface RunDocument {
  readonly documentVersion: typeof documentVersion;
  readonly run: Omit<RunStarted, 'type' | 'at' | 'plan'> & {
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    /** Absent while it runs, and for a run that was killed. */
    readonly endedAt?: number;
    readonly durationMs?: number;
  };
  /** `incomplete` until the last event; a killed run stays so. */
  readonly verdict: RunVerdict;
  readonly exitCode?: number;
  /** Whether the last event arrived. */
  readonly finished: boolean;
  readonly environment: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly phases: readonly {
    readonly phase: string;
    readonly title: string;
    readonly startedAt: number;
    readonly durationMs?: number;
    readonly outcome?: 'ok' | 'failed';
  }[];
  readonly checks: readonly CheckResult[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly conformance?: Omit<ConformanceEnded, 'type' | 'at'> & { readonly tests: readonly Omit<ConformanceTestEnded, 'type' | 'at'>[] };
  readonly errors: readonly Omit<HarnessFailed, 'type'>[];
  /** What this is the fold of: how many events, and the checksum of the last with all before it. Absent where an older Gauntlet wrote the journal. */
  readonly journal?: { readonly events: number; readonly sha256: string };
}

/** A check with all its executions. */
export interface CheckResult extends Omit<PlannedCheck, 'executions' | 'skipped'> {
  /** The worst of the executions without a sabotage; for `prove`, `fail` if one survived. */
  readonly verdict: Verdict;
  readonly reason?: string;
  /** Executions without a sabotage disagreed: some passed, some did not. */
  readonly flaky: boolean;
  readonly executions: readonly ExecutionResult[];
}

/** One execution and what came of it. */
export interface ExecutionResult {
  readonly execution: string;
  readonly sabotage?: string;
  readonly repetition?: number;
  readonly startedAt?: number;
  readonly durationMs?: number;
  /** Absent while it runs, and when the run was killed meanwhile. */
  readonly verdict?: Verdict;
  readonly proof?: ProofVerdict;
  readonly reason?: string;
  readonly converged: Readonly<Record<string, number>>;
  readonly failure?: Failure;
  /** Attempts by expectation, in order. */
  readonly attempts: Readonly<
    Record<
      string,
      readonly {
        readonly at: number;
        readonly ok: boolean;
        readonly durationMs: number;
        readonly expected?: string;
        readonly actual?: string;
      }[]
    >
  >;
  /** For a cell of the lifecycle matrix: which, and what came of it. */
  readonly cell?: { readonly address: CellAddress; readonly result: CellResult };
  /** For a gate: its windows, and what it decided once it did. */
  readonly gate?: { readonly windows: readonly Window[]; readonly decision?: GateDecision };
  /** For a scenario under load: its numbers, and pictures of them. */
  readonly measured?: { readonly measurements: readonly Measurement[]; readonly charts: readonly Chart[] };
  readonly evidence: readonly Omit<EvidenceGathered, 'type' | 'at' | 'execution'>[];
}
