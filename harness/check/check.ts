// SPDX-License-Identifier: Apache-2.0
import type { GateDecision } from '../bench/gate.ts';
import type { Chart, Measurement } from '../bench/measurement.ts';
import type { Window } from '../bench/recording.ts';
import type { Kube, Resource } from '../kube/kube.ts';
import type { CellAddress, CellResult } from '../lifecycle/cell-result.ts';
import type { ProbeClient } from '../probe/probe.ts';
import type { InstallTools } from '../target/helm.ts';
import type { Target } from '../target/target.ts';
import type { Budgets } from './budgets.ts';
import type { Expect } from './expect.ts';

/** How binding a requirement is: a broken MUST is `fail`, a broken SHOULD `warn`, a broken MAY is only shown. */
export type Level = 'MUST' | 'SHOULD' | 'MAY';

/** Where a requirement comes from; a link in every report. */
export interface SpecificationLink {
  /** As it is cited: `RFC 7519 4.1.4`, `kgateway v2.2.0 extensions2/plugins/trafficpolicy/constructor.go`. */
  readonly title: string;
  readonly url: string;
}

/** The installation that every target has: with the values of the release. */
export const releaseInstallation = 'release';

/** The default sabotage of every check that applies a subject: everything but the subject is applied. */
export const subjectLeftOut = 'subject-left-out';

/** A deliberate fault under which a check must fail. */
export interface Sabotage {
  /** Kebab-case; asked for by {@link CheckContext.sabotaged}. */
  readonly name: string;
  /** What is broken, one sentence. */
  readonly title: string;
  /** Name of the expectation that must fail under it. A check that fails elsewhere has not been proven. */
  readonly breaks: string;
}

/** One requirement, one verdict: data and one function. Made by a suite's `defineCheck`, one file or one row of a table each. */
export interface Check {
  /** Permanent, kebab-case, unique: reports and baselines refer to it. */
  readonly id: string;
  /** The requirement as one sentence. */
  readonly title: string;
  /** A row of `suites/features.ts`; a target that does not claim it is not asked. */
  readonly feature: string;
  readonly level: Level;
  /** P0 runs on every pull request, P1 nightly. */
  readonly priority: 'P0' | 'P1';
  readonly specification: readonly SpecificationLink[];
  /** Fixtures that the runner builds before `run` and tears down after it. */
  readonly requires: readonly string[];
  /** At least one. {@link subjectLeftOut} comes for free with `apply.subject` but its `breaks` is stated here like any other. */
  readonly sabotages: readonly Sabotage[];
  /** Runs alone, because it disturbs what others share. `false` by default. */
  readonly serial: boolean;
  /** A serial check with this runs at the same time as those that say the same: what disturbs others does not disturb them. */
  readonly togetherWith?: string;
  /** How the gateway has to be installed for it: one of the target's installations; {@link releaseInstallation} by default. */
  readonly installation: string;
  /** Parts of the gateway that it exercises and that not every build of it contains; without one of them it is `could-not-run`. */
  readonly needs: readonly string[];
  /** Resolves when the requirement holds; an expectation that does not hold throws. */
  readonly run: (context: CheckContext, fixtures: Readonly<Record<string, unknown>>) => Promise<void>;
}

/** A check with the file it was declared in, as the registry holds it. */
export interface RegisteredCheck extends Check {
  /** Path relative to the repository: `suites/kgateway/nack/lds-cipher.ts`. */
  readonly file: string;
}

/** What every check gets, whatever fixtures it requires. */
export interface CheckContext {
  readonly id: string;
  /** The check's own namespace; there from the first object on that is applied to it. */
  readonly namespace: string;
  /** A hostname that no other execution uses; `label` tells several of one apart: `a.extauth-allow-deny-1f2e3d4c.test`. */
  readonly hostname: (label?: string) => string;
  readonly target: Target;
  /** What the target was installed with, for checks of its charts. */
  readonly tools: InstallTools;
  readonly kube: Kube;
  readonly apply: Apply;
  readonly expect: Expect;
  /** Sends requests and records each as evidence. */
  readonly probe: ProbeClient;
  readonly budgets: Budgets;
  /** Whether this execution is under the named sabotage. The name must be one of the check's own. */
  readonly sabotaged: (name: string) => boolean;
  /** Runs when the check ends, whatever its outcome, after evidence was gathered; last deferred first. */
  readonly defer: (cleanUp: () => Promise<void> | void) => void;
  /** Adds to the evidence of this check: a log, a dump, an observation; shown on a failure page. */
  readonly attach: (title: string, content: string, contentType?: 'text/plain' | 'application/json' | 'application/yaml') => void;
  /** Says what came of a cell of the lifecycle matrix. */
  readonly tellCell: (address: CellAddress, result: CellResult) => void;
  /** Says what a window of a gate came to. */
  readonly tellWindow: (window: Window) => void;
  /** Says what a gate decided. */
  readonly tellDecision: (decision: GateDecision) => void;
  /** Says what a scenario measured; each number as soon as it is there. */
  readonly tellMeasured: (...measurements: readonly Measurement[]) => void;
  /** Says it as a picture. */
  readonly tellChart: (chart: Chart) => void;
  readonly session: Session;
  /** Aborted when the run is interrupted or the check's budget is used up. */
  readonly signal: AbortSignal;
}

/** Applies resources and removes them when the check ends. Namespaced kinds without a namespace get the check's own. */
export interface Apply {
  (...resources: readonly Resource[]): Promise<readonly Resource[]>;
  /** The same, for the resources that the check is about: left out under {@link subjectLeftOut}. */
  subject(...resources: readonly Resource[]): Promise<readonly Resource[]>;
}

/** What the checks of one run share. */
export interface Session {
  readonly runId: string;
  /** What `key` names: made by the first check that asks and kept for the others; its `cleanUp` runs when the session ends. */
  share<T>(key: string, create: (session: SharedContext) => Promise<T>): Promise<T>;
  /** Works of one key one after the other, in the order in which they were asked for, also after one that failed. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
}

/** What a shared thing may use while it is made. */
export interface SharedContext {
  readonly runId: string;
  /** Reference of the peers' image, as it was loaded into the cluster. */
  readonly peersImage: string;
  /** Namespace for what is shared. */
  readonly namespace: string;
  readonly kube: Kube;
  readonly target: Target;
  readonly budgets: Budgets;
  readonly defer: (cleanUp: () => Promise<void> | void) => void;
}

/** Builds one fixture for one check. */
export interface FixtureFactory<T = unknown> {
  (context: CheckContext): Promise<T>;
  /**
   * What of the fixture can stand before its check starts. A gateway that learns of several Services at once may stall for many seconds;
   * one that knows them from its start does not make every check pay for its neighbours.
   */
  readonly announce?: (namespace: string) => readonly Resource[] | Promise<readonly Resource[]>;
  /** Parts without which it cannot be; whoever requires it needs them. */
  readonly needs?: readonly string[];
}

/** What a check declares; defaults filled in by {@link defineCheckWith}. */
export interface CheckDeclaration<Fixtures extends Record<string, FixtureFactory>, Requires extends keyof Fixtures & string> {
  readonly id: string;
  readonly title: string;
  readonly feature: string;
  /** `MUST` by default. */
  readonly level?: Level;
  /** `P0` by default. */
  readonly priority?: 'P0' | 'P1';
  readonly specification: readonly SpecificationLink[];
  readonly requires: readonly Requires[];
  readonly sabotages: readonly [Sabotage, ...Sabotage[]];
  readonly serial?: boolean;
  /** Makes it serial. */
  readonly togetherWith?: string;
  /** {@link releaseInstallation} by default. */
  readonly installation?: string;
  /** Beyond what its fixtures need. */
  readonly needs?: readonly string[];
  readonly run: (context: CheckContext & { readonly [Name in Requires]: Awaited<ReturnType<Fixtures[Name]>> }) => Promise<void>;
}

/** The `defineCheck` of a set of fixtures: types `run` by what the check requires. */
export function defineCheckWith<Fixtures extends Record<string, FixtureFactory>>(fixtures: Fixtures) {
  return <Requires extends keyof Fixtures & string>(declaration: CheckDeclaration<Fixtures, Requires>): Check => ({
    ...declaration,
    level: declaration.level ?? 'MUST',
    priority: declaration.priority ?? 'P0',
    serial: declaration.serial ?? declaration.togetherWith !== undefined,
    installation: declaration.installation ?? releaseInstallation,
    needs: [...new Set([...(declaration.needs ?? []), ...declaration.requires.flatMap((name) => fixtures[name]?.needs ?? [])])],
    run: (context, fixtures) => declaration.run({ ...context, ...fixtures } as Parameters<typeof declaration.run>[0]),
  });
}
