// SPDX-License-Identifier: Apache-2.0
import type { RegisteredCheck } from '../check/check.ts';
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
  readonly kind: 'run' | 'prove';
  /** Selections as typed; all checks if there is none. */
  readonly patterns: readonly string[];
  readonly target: { readonly title: string; readonly features: readonly string[] };
  /** Decides the order. */
  readonly seed: number;
  readonly shard?: Shard;
  /** Executions of each check, or of each of its sabotages; 1 by default. */
  readonly repeat?: number;
  /** Only the checks that did not end well in this earlier run. */
  readonly lastFailed?: RunDocument;
  /** Ids of checks that the baseline knows to fail: they are executed, but nothing can be proven about them. */
  readonly knownGaps?: ReadonlySet<string>;
}

/**
 * The plan of a run, in the order in which checks are started: those that tolerate others first, shuffled by the seed, then the serial ones.
 *
 * @throws GauntletError `GAUNTLET_UNKNOWN_CHECK` for a selection that matches nothing.
 */
export function plan(checks: readonly RegisteredCheck[], options: PlanOptions): readonly PlannedCheck[] {
  const selected = select(checks, options.patterns);
  const again = options.lastFailed ? unsuccessful(options.lastFailed) : undefined;
  const planned = selected.filter((check) => again?.has(check.id) ?? true).map((check) => planCheck(check, options));
  const slice = options.shard ? sliceOf(planned, options.shard) : planned;
  const shuffled = shuffle(slice, seededRandom(options.seed));
  return [...shuffled.filter((check) => !check.serial), ...shuffled.filter((check) => check.serial)];
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
  const { id, title, feature, level, priority, file, specification, serial } = check;
  const described = { id, title, feature, level, priority, file, specification, serial };
  if (options.target.features.includes(feature)) return { ...described, executions: planExecutions(check, options) };
  return {
    ...described,
    executions: [],
    skipped: { verdict: 'not-applicable', reason: `${options.target.title} does not claim ${feature}` },
  };
}

/** The execution without a sabotage comes first: what it takes to converge tells how long a sabotaged one must wait. */
function planExecutions(check: RegisteredCheck, options: PlanOptions): readonly PlannedExecution[] {
  const provable = options.kind === 'prove' && options.knownGaps?.has(check.id) !== true;
  const sabotages = provable ? check.sabotages.map((one) => one.name) : [];
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
