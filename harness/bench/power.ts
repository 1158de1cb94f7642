// SPDX-License-Identifier: Apache-2.0
import { sampleStandardDeviation } from 'simple-statistics';
import type { RunDocument } from '../run/document.ts';
import { GauntletError } from '../errors.ts';
import { decide, gateRules, type GateDecision, type GateRules, type GateVerdict } from './gate.ts';
import { gateMetrics, type MetricId } from './metrics.ts';
import { pairsOf, worsening, type Window } from './recording.ts';
import { rivals } from './rivals.ts';
import { hodgesLehmann } from './statistics/signed-rank.ts';

/** What the gate and the rules of others made of one kind of candidate, over all recorded runs. */
export interface Power {
  /** The gate's load, and the fault of the candidate: `gate-http1@slower`. */
  readonly candidate: string;
  /** Pairs that were recorded. */
  readonly pairs: number;
  /** By how much it was worse, from all pairs: logarithms of ratios, with an interval of 99 %; and the standard deviation of one pair. */
  readonly metrics: readonly MetricPower[];
  readonly rules: readonly RulePower[];
}

/** One metric over all pairs. */
export interface MetricPower {
  readonly metric: MetricId;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Of one pair; null with fewer than two. */
  readonly deviation: number | null;
}

/** How often a rule came to which answer. Rules of others know no `inconclusive`. */
export interface RulePower {
  readonly title: string;
  /** In the runs as they were. */
  readonly live: Readonly<Record<GateVerdict, number>>;
  /** In stretches of the recording, each as long as the longest run. They overlap, so they say less than as many runs. */
  readonly replays: Readonly<Record<GateVerdict, number>>;
}

/** How recordings are replayed. */
export interface PowerOptions {
  /** Stretches to decide from, each beginning somewhere else. */
  readonly replays: number;
  readonly random: () => number;
  readonly rules?: GateRules;
}

/** A rule, as it is asked here. */
interface Rule {
  readonly title: string;
  readonly verdict: (windows: readonly Window[]) => GateVerdict;
}

/**
 * How often the gate and the rules of others found each candidate worse, from the same windows.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if no run recorded any window.
 */
export function power(runs: readonly Pick<RunDocument, 'checks'>[], options: PowerOptions): readonly Power[] {
  const recorded = runs
    .flatMap(({ checks }) => checks)
    .flatMap(({ id, executions }) =>
      executions.flatMap(({ sabotage, gate }) =>
        gate?.decision === undefined ? [] : [{ candidate: sabotage === undefined ? id : `${id}@${sabotage}`, ...gate }],
      ),
    );
  if (recorded.length === 0) {
    throw new GauntletError('GAUNTLET_USAGE', 'Those runs recorded no decision of a gate', { hint: 'gauntlet bench makes one.' });
  }
  const groups = Map.groupBy(recorded, ({ candidate }) => candidate);
  return [...groups].map(([candidate, live]) => powerOf(candidate, live, options));
}

function powerOf(
  candidate: string,
  live: readonly { readonly windows: readonly Window[] }[],
  { replays, random, rules = gateRules }: PowerOptions,
): Power {
  const windows = live.flatMap((run) => run.windows);
  const stretches = Array.from({ length: replays }, () => stretch(windows, rules, random));
  const all: readonly Rule[] = [
    { title: 'the gate', verdict: (some) => atEachLook(some, rules).verdict },
    ...rivals.map(({ title, fails }): Rule => ({
      title,
      verdict: (some) => (gateMetrics.some((metric) => fails(some, metric)) ? 'fail' : 'pass'),
    })),
  ];
  return {
    candidate,
    pairs: pairsOf(windows, 'compare').length,
    metrics: gateMetrics.map((metric) => {
      const worse = [...worsening(windows, 'compare', metric)];
      return {
        metric,
        ...hodgesLehmann(worse.slice(0, mostForEstimate), 0.99),
        deviation: worse.length < 2 ? null : sampleStandardDeviation(worse),
      };
    }),
    rules: all.map(({ title, verdict }) => ({
      title,
      live: count(live.map((run) => verdict(run.windows))),
      replays: count(stretches.map(verdict)),
    })),
  };
}

/** Its averages grow with the square. */
const mostForEstimate = 1000;

/** As many windows as the longest run has, from anywhere in the recording; what follows its end is its beginning. */
function stretch(windows: readonly Window[], { looks }: GateRules, random: () => number): readonly Window[] {
  const pairs = looks.at(-1) ?? 0;
  const start = Math.floor(random() * windows.length);
  const turned = [...windows.slice(start), ...windows.slice(0, start)];
  const compared = turned.flatMap(({ kind }, index) => (kind === 'compare' ? [index] : []));
  const last = compared[2 * pairs - 1];
  return last === undefined ? turned : turned.slice(0, last + 1);
}

/** The decision that a run comes to that looks whenever the rules say so. */
function atEachLook(windows: readonly Window[], rules: GateRules): GateDecision {
  for (let end = 1; end < windows.length; end += 1) {
    // Only where a pair has just been completed can a look be due.
    if (windows[end]?.kind !== 'compare') continue;
    const some = windows.slice(0, end + 1);
    if (!rules.looks.includes(pairsOf(some, 'compare').length)) continue;
    const decision = decide(some, rules);
    if (decision.isFinal) return decision;
  }
  return decide(windows, rules);
}

function count(verdicts: readonly GateVerdict[]): Readonly<Record<GateVerdict, number>> {
  const counts = { pass: 0, fail: 0, inconclusive: 0 };
  for (const verdict of verdicts) counts[verdict] += 1;
  return counts;
}
