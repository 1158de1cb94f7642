// SPDX-License-Identifier: Apache-2.0
import { releaseInstallation, type RegisteredCheck } from '../check/check.ts';
import { select } from '../check/selection.ts';
import { GauntletError } from '../errors.ts';
import type { RunDocument } from './document.ts';
import type { PlannedCheck, PlannedExecution } from './events.ts';
import { seededRandom, shuffle } from './seed.ts';

/** One of several slices of a plan. */
export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/** What a plan is made from, beside the checks. */
export interface PlanOptions {
  readonly kind: 'run' | 'prove' | 'lifecycle' | 'bench' | 'load';
  /** Selections as typed; all checks if there is none. */
  readonly patterns: readonly string[];
  readonly target: PlannedTarget;
  /** Decides the order. */
  readonly seed: number;
  readonly shard?: Shard;
  /** Executions of each check, or of each of its sabotages; 1 by default. */
  readonly repeat?: number;
  /** Only the checks that did not end well in this earlier run. */
  readonly lastFailed?: RunDocument;
  /** The expectation that the baseline knows to fail, by check: what comes before it in the check can be proven, it cannot. */
  readonly knownGaps?: ReadonlyMap<string, string>;
}

/** What a plan needs to know of the gateway under test. */
export interface PlannedTarget {
  readonly name: string;
  readonly title: string;
  readonly features: readonly string[];
  /** Names of its installations beside the release's, in the order in which they take place. */
  readonly installations: readonly string[];
  /** Parts that this build does not contain, each with the reason. */
  readonly lacking: Readonly<Record<string, string>>;
  /** Names of the other gateways that there is data for: what is their own is not asked of this one. */
  readonly others: readonly string[];
}

/**
 * The plan of a run, in the order in which checks are started: by installation, the release's first, and within each those that tolerate
 * others, shuffled by the seed, then the serial ones.
 *
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK` for a selection that matches nothing.
 */
export function plan(checks: readonly RegisteredCheck[], options: PlanOptions): readonly PlannedCheck[] {
  const selected = select(checks, options.patterns, options.target.name);
  const again = options.lastFailed ? unsuccessful(options.lastFailed) : undefined;
  const planned = selected.filter((check) => again?.has(check.id) ?? true).map((check) => planCheck(check, options));
  const slice = options.shard ? sliceOf(planned, options.shard) : planned;
  const shuffled = shuffle(slice, seededRandom(options.seed));
  const installations = [releaseInstallation, ...options.target.installations];
  const rank = (check: PlannedCheck): number => 2 * installations.indexOf(check.installation) + Number(check.serial);
  return shuffled.toSorted((a, b) => rank(a) - rank(b));
}

/**
 * A shard as typed, `2/4`.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if it is none.
 */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,4})\/(\d{1,4})$/.exec(text);
  const shard = { index: Number(match?.[1]), count: Number(match?.[2]) };
  if (match && shard.index >= 1 && shard.index <= shard.count) return shard;
  throw new GauntletError('GAUNTLET_USAGE', `--shard ${text} is no shard`, {
    hint: 'Write it as index/count with an index from 1: --shard 2/4.',
  });
}

/** Ids of the checks of a run that did not end well: failed, flaky, could not run, or not executed at all. */
export function unsuccessful(document: RunDocument): ReadonlySet<string> {
  const bad = document.checks.filter((check) => check.flaky || check.verdict === 'fail' || check.verdict === 'could-not-run');
  return new Set(bad.map((check) => check.id));
}

function planCheck(check: RegisteredCheck, options: PlanOptions): PlannedCheck {
  const { id, title, feature, level, priority, file, specification, serial, installation } = check;
  const described = { id, title, feature, level, priority, file, specification, serial, installation };
  const skipped = reasonToSkip(check, options.target);
  return skipped === undefined ? { ...described, executions: planExecutions(check, options) } : { ...described, executions: [], skipped };
}

function reasonToSkip({ file, feature, installation, needs }: RegisteredCheck, target: PlannedTarget): PlannedCheck['skipped'] {
  const owner = target.others.find((other) => file.startsWith(`suites/${other}/`));
  if (owner !== undefined) return { verdict: 'not-applicable', reason: `it is about what is ${owner}'s own` };
  if (!target.features.includes(feature)) return { verdict: 'not-applicable', reason: `${target.title} does not claim ${feature}` };
  if (installation !== releaseInstallation && !target.installations.includes(installation))
    return { verdict: 'not-applicable', reason: `${target.title} has no installation ${installation}` };
  const [lacking] = needs.filter((part) => part in target.lacking);
  return lacking === undefined ? undefined : { verdict: 'could-not-run', reason: target.lacking[lacking] ?? '' };
}

/** The execution without a sabotage comes first: what it takes to converge tells how long a sabotaged one must wait. */
function planExecutions(check: RegisteredCheck, options: PlanOptions): readonly PlannedExecution[] {
  const gap = options.knownGaps?.get(check.id);
  const provable = options.kind === 'prove' ? check.sabotages.filter(({ breaks }) => breaks !== gap) : [];
  const sabotages = provable.map((one) => one.name);
  const repeat = options.repeat ?? 1;
  return [undefined, ...sabotages].flatMap((sabotage) =>
    Array.from({ length: repeat }, (_, index): PlannedExecution => ({
      execution: `${check.id}${sabotage === undefined ? '' : `@${sabotage}`}${repeat === 1 ? '' : `#${index + 1}`}`,
      ...(sabotage === undefined ? {} : { sabotage }),
      ...(repeat === 1 ? {} : { repetition: index + 1 }),
    })),
  );
}

/**
 * Deals the checks out, the ones with most executions first, each to the shard that has least to do. The same for every shard of one plan,
 * whatever its seed, so that together they are the whole.
 */
function sliceOf(checks: readonly PlannedCheck[], shard: Shard): readonly PlannedCheck[] {
  const load = new Array<number>(shard.count).fill(0);
  const heaviestFirst = checks.toSorted((a, b) => b.executions.length - a.executions.length || (a.id < b.id ? -1 : 1));
  return heaviestFirst.filter((check) => {
    const least = load.indexOf(Math.min(...load));
    // A check that is not executed still takes a little, so that they do not all land in one place.
    load[least] = (load[least] ?? 0) + check.executions.length + 0.001;
    return least === shard.index - 1;
  });
}
