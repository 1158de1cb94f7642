// SPDX-License-Identifier: Apache-2.0
import type { Budgets } from '../../check/budgets.ts';
import type { PlannedCheck } from '../../run/events.ts';
import type { InstallTools } from '../../target/helm.ts';
import type { Architecture } from '../../platform.ts';

/**
 * What the command line hands to the worker, as a JSON file: the worker runs inside the cluster's network, installs the gateway under test and
 * executes what the job says, and answers with events on file descriptor 3.
 */
export interface Job {
  readonly runId: string;
  /** The run's folder. */
  readonly directory: string;
  readonly kubeconfig: string;
  /** Folder with the logs of the components of the cluster, for evidence. */
  readonly clusterLogs: string;
  readonly target: string;
  readonly architecture: Architecture;
  /** `key=value` pairs for the chart. */
  readonly helmSet: readonly string[];
  /** What the gateway is installed with. */
  readonly tools: InstallTools;
  readonly budgets: Budgets;
  readonly seed: number;
  readonly keep: boolean;
  readonly work: ChecksJob | ConformanceJob | InstallJob;
}

/** Runs or proves checks. */
export interface ChecksJob {
  readonly kind: 'checks';
  readonly plan: readonly PlannedCheck[];
  readonly jobs: number;
  /** Stop after this many failures; absent: never. */
  readonly bail?: number;
  readonly prove: boolean;
  /** Where the checks of the plan come from: the suites, the cells of the lifecycle matrix, or the scenarios under load. */
  readonly registry: 'suites' | 'lifecycle' | 'bench' | 'load';
  /** Image of the proxies that are compared with the target's own; its own if absent. */
  readonly candidateImage?: string;
  /** Reference of the peers' image. The sources may change while a run lasts; what was loaded does not. */
  readonly peersImage: string;
  /** How the gateway is installed while vitest has the job; the worker does one installation after the other. */
  readonly installation?: string;
  /** Which part of a large plan, from 0; one after the other as well. */
  readonly part?: number;
  /** All of it was executed before, and came to nothing. `false` by default. */
  readonly again?: boolean;
}

/** Runs the upstream suite. */
export interface ConformanceJob {
  readonly kind: 'conformance';
  readonly apiVersion: string;
  readonly profiles?: readonly string[];
  readonly features: 'inferred' | 'all' | readonly string[];
  readonly runTest?: string;
}

/** Installs the gateway and does no more, for `gauntlet cluster up --target`. */
export interface InstallJob {
  readonly kind: 'install';
}
