// SPDX-License-Identifier: Apache-2.0
import { gateMetrics, type MetricId } from './metrics.ts';
import { pairsOf, worsening, type Window } from './recording.ts';
import { holmAdjusted } from './statistics/holm.ts';
import { hodgesLehmann, signedRankPValue, type Estimate } from './statistics/signed-rank.ts';

/** `pass`: no worse than is tolerated. `fail`: worse. `inconclusive`: neither can be said, or what was measured cannot be believed. */
export type GateVerdict = 'pass' | 'fail' | 'inconclusive';

/** By what the gate decides. Ratios are of worse: 1.05 is 5 % more latency or 5 % less throughput. */
export interface GateRules {
  /** A fail needs evidence of more than this. */
  readonly margin: number;
  /** A pass needs evidence of less than this. */
  readonly tolerated: number;
  /** Probability of a false fail, all metrics together. */
  readonly alpha: number;
  /** Numbers of pairs at which is decided; the last one is the end. */
  readonly looks: readonly number[];
  /** Evidence for a fail before the last look. */
  readonly earlyAlpha: number;
  /** Of all requests of a side so many may not be answered rightly; beyond that it does something else than it was measured for. */
  readonly mostFailed: number;
  /**
   * Two of the same must not differ so surely, else nothing is decided; how much they may by chance is in the width of every interval already. Before the
   * last look a weaker doubt is enough to go on measuring.
   */
  readonly noise: { readonly alpha: number; readonly earlyAlpha: number; readonly fewestPairs: number };
}

/**
 * Section 3 of the performance anchors: the rules whose power and false alarms were reckoned there. The third look is for machines that are noisier than those;
 * its 80 pairs still take less than ten minutes.
 */
export const gateRules: GateRules = {
  margin: 1.01,
  tolerated: 1.05,
  alpha: 0.01,
  looks: [24, 48, 80],
  earlyAlpha: 0.0005,
  mostFailed: 0.001,
  noise: { alpha: 0.001, earlyAlpha: 0.01, fewestPairs: 8 },
};

/** An estimate with its interval of 99 %. */
export interface Ratio {
  /** Null without a single pair. */
  readonly value: number | null;
  /** Null where there are too few pairs for a bound. */
  readonly low: number | null;
  readonly high: number | null;
}

/** What was found of one metric. */
export interface MetricFinding {
  readonly metric: MetricId;
  readonly pairs: number;
  /** How many times worse the candidate is. */
  readonly ratio: Ratio;
  /** The same of two of the same. */
  readonly noise: Ratio;
  /** How many times worse in each pair, in order. */
  readonly worse: readonly number[];
  /** Of the candidate being no worse than the margin, for all metrics together (Holm). */
  readonly pValue: number;
}

/** A decision, and what it is made of. */
export interface GateDecision {
  readonly verdict: GateVerdict;
  /** Whether more pairs may still change it. */
  readonly isFinal: boolean;
  /** Pairs that it is made of. */
  readonly pairs: number;
  /** Why nothing can be decided; empty unless inconclusive. */
  readonly reasons: readonly string[];
  readonly findings: readonly MetricFinding[];
}

const confidence = 0.99;

/** Decides from all windows so far, at the last look that they reach. */
export function decide(windows: readonly Window[], rules: GateRules = gateRules): GateDecision {
  const available = pairsOf(windows, 'compare').length;
  const look = rules.looks.findLast((pairs) => available >= pairs);
  if (look === undefined) {
    const reason = `${available} pairs of windows, and ${rules.looks[0] ?? 0} are needed`;
    return {
      verdict: 'inconclusive',
      isFinal: false,
      pairs: available,
      reasons: [reason],
      findings: findingsOf(windows, available, rules),
    };
  }
  const isLast = look === rules.looks.at(-1);
  const findings = findingsOf(windows, look, rules);
  const incredible = reasonsAgainst(windows, findings, { look, isLast }, rules);
  const decided = { pairs: look, findings };
  const failing = failedRequests(windows, rules);
  if (failing !== undefined) return { ...failing, isFinal: true, ...decided };
  if (incredible.length > 0) return { verdict: 'inconclusive', isFinal: isLast, reasons: incredible, ...decided };
  const isTolerated = ({ ratio }: MetricFinding): boolean => ratio.high !== null && ratio.high < rules.tolerated;
  if (findings.every(isTolerated)) return { verdict: 'pass', isFinal: true, reasons: [], ...decided };
  const enough = isLast ? rules.alpha - rules.earlyAlpha * (rules.looks.length - 1) : rules.earlyAlpha;
  if (findings.some(({ pValue }) => pValue <= enough)) return { verdict: 'fail', isFinal: true, reasons: [], ...decided };
  const open = findings.filter((finding) => !isTolerated(finding)).map(({ metric }) => metric);
  const reason = `neither worse nor surely no worse than ${percent(rules.tolerated)}: ${open.join(', ')}`;
  return { verdict: 'inconclusive', isFinal: isLast, reasons: [reason], ...decided };
}

/** A gateway that answers 500 is fast: what fails requests is not compared by its speed. */
function failedRequests(windows: readonly Window[], { mostFailed }: GateRules): Pick<GateDecision, 'verdict' | 'reasons'> | undefined {
  const compared = windows.filter(({ kind }) => kind === 'compare');
  const [baseline, candidate] = (['baseline', 'candidate'] as const).map((side) => {
    const failed = compared.reduce((total, window) => total + window[side].failed, 0);
    const all = compared.reduce((total, window) => total + window[side].failed + window[side].requests, 0);
    return { isBroken: failed > mostFailed * all, told: `the ${side} failed ${failed} of ${all} requests` };
  });
  if (baseline?.isBroken === true) return { verdict: 'inconclusive', reasons: [baseline.told] };
  return candidate?.isBroken === true ? { verdict: 'fail', reasons: [candidate.told] } : undefined;
}

function findingsOf(windows: readonly Window[], pairs: number, rules: GateRules): readonly MetricFinding[] {
  const found = gateMetrics.map((metric) => {
    const worse = worsening(windows, 'compare', metric).slice(0, pairs);
    const noise = worsening(windows, 'noise', metric);
    const beyond = worse.map((value) => value - Math.log(rules.margin));
    return {
      metric,
      pairs: worse.length,
      ratio: asRatio(hodgesLehmann(worse, confidence)),
      noise: asRatio(hodgesLehmann(noise, confidence)),
      worse: worse.map(Math.exp),
      pValue: signedRankPValue(beyond, 'greater'),
    };
  });
  const adjusted = holmAdjusted(found.map(({ pValue }) => pValue));
  return found.map((finding, index) => ({ ...finding, pValue: adjusted[index] ?? 1 }));
}

/** What must hold before any number is believed. */
function reasonsAgainst(
  windows: readonly Window[],
  findings: readonly MetricFinding[],
  { look, isLast }: { readonly look: number; readonly isLast: boolean },
  { noise }: GateRules,
): readonly string[] {
  const doubt = isLast ? noise.alpha : noise.earlyAlpha;
  return findings.flatMap(({ metric, pairs }) => {
    const same = worsening(windows, 'noise', metric);
    const by = percent(Math.exp(Math.abs(hodgesLehmann(same, confidence).value)));
    return [
      ...(pairs < look ? [`${metric} was not measured in ${look - pairs} of ${look} pairs`] : []),
      ...(same.length < noise.fewestPairs ? [`${metric} has ${same.length} pairs of the same, and ${noise.fewestPairs} are needed`] : []),
      ...(signedRankPValue(same, 'two-sided') <= doubt ? [`two of the same differ in ${metric} by ${by}, too surely for chance`] : []),
    ];
  });
}

function asRatio({ value, low, high }: Estimate): Ratio {
  const bounded = (logarithm: number): number | null => (Number.isFinite(logarithm) ? Math.exp(logarithm) : null);
  return { value: bounded(value), low: bounded(low), high: bounded(high) };
}

const percent = (ratio: number): string => `${(100 * (ratio - 1)).toFixed(1)} %`;
