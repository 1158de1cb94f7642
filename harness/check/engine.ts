// SPDX-License-Identifier: Apache-2.0
import type { Kube } from '../kube/kube.ts';
import type { PlannedExecution, RunEvent } from '../run/events.ts';
import type { InstallTools } from '../target/helm.ts';
import type { Target } from '../target/target.ts';
import type { BaselineEntry } from './baseline.ts';
import type { Budgets } from './budgets.ts';
import type { Check, FixtureFactory, Session } from './check.ts';
import type { Clock } from './clock.ts';
import { execute } from './execution.ts';
import type { Outcome } from './outcome.ts';
import type { ProbeFactory } from './recorded-probe.ts';

/** What executing checks needs. */
export interface EngineOptions {
  readonly runId: string;
  /** The command that executes its checks, without what all users type: `run`, `lifecycle`. */
  readonly command: string;
  /** The run's folder; evidence goes below it. */
  readonly directory: string;
  readonly target: Target;
  readonly tools: InstallTools;
  readonly kube: Kube;
  readonly createProbe: ProbeFactory;
  /** By the name under which checks require them. */
  readonly fixtures: Readonly<Record<string, FixtureFactory>>;
  readonly budgets: Budgets;
  readonly session: Session;
  /** Known gaps of this target by id of the check. */
  readonly baseline: ReadonlyMap<string, BaselineEntry>;
  /** Leaves in the cluster what checks made. */
  readonly keep: boolean;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly emit: (event: RunEvent) => void;
}

/** Executes checks. */
export interface Engine {
  /**
   * Executes a check once and emits everything that is to be said of it; never throws for what a check, a fixture or the gateway does.
   * The signal ends it early, as `could-not-run`.
   */
  execute(check: Check, planned: PlannedExecution, signal: AbortSignal): Promise<Outcome>;
}

/** An engine. It remembers how long the expectations of a check took without a sabotage, so that sabotaged ones are given enough time. */
export function createEngine(options: EngineOptions): Engine {
  const convergence = new Map<string, Readonly<Record<string, number>>>();
  return {
    execute: async (check, planned, signal) => {
      const { outcome, converged } = await execute({ engine: options, check, planned, signal, converged: convergence.get(check.id) ?? {} });
      if (planned.sabotage === undefined) convergence.set(check.id, converged);
      return outcome;
    },
  };
}
