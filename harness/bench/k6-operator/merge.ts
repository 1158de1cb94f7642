// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../errors.ts';
import { notOffered } from '../generator-bound.ts';
import { addCounts, percentileMs, type LatencyCounts } from '../latency-counts.ts';
import type { RunnerReport } from './runner-report.ts';

/** What several runners did together. Milliseconds from sending to the end of the answer, each at most 1.6 % too long; null where there was no sample. */
export interface DistributedResult {
  readonly runners: number;
  /** Requests a second that were due, all runners together. */
  readonly perSecond: number;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  readonly dropped: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number;
  readonly latency: LatencyCounts;
  /** Why it says nothing of the gateway: not all that was due was sent, or not at once. */
  readonly invalid?: string;
}

/** Between the starts of the first and the last runner, as a share of the time of all; clocks of nodes differ too. */
const mostApart = 0.05;

/**
 * Puts the reports of all runners of one run together: counts are added up, and percentiles are taken from the sum.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if one is missing, came twice, or is of another run: a part must not pass for the whole.
 */
export function mergeRunners(reports: readonly RunnerReport[]): DistributedResult {
  const [first] = reports;
  const wrong = first === undefined ? 'there is none' : whyNotOneRun(first, reports);
  if (first === undefined || wrong !== undefined) {
    throw new GauntletError('GAUNTLET_LOAD', `The reports of the runners are not those of one run: ${wrong ?? ''}`, {
      hint: 'Give the logs of all pods with the labels k6_cr=<name> and runner=true, each once.',
    });
  }
  const { runners, perSecond, seconds } = first;
  const sum = (of: 'requests' | 'failed' | 'dropped'): number => reports.reduce((total, report) => total + report[of], 0);
  const [requests, dropped] = [sum('requests'), sum('dropped')];
  const latency = addCounts(reports.map((report) => report.latency));
  const max = Math.max(...reports.map(({ maxMs }) => maxMs));
  const at = (percentile: number): number | null => percentileMs(latency, percentile, max);
  const invalid = notOffered({ due: perSecond * seconds, requests, dropped }) ?? notAtOnce(reports, seconds);
  return {
    ...{ runners, perSecond, seconds, requests, failed: sum('failed'), dropped },
    ...{ p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max, latency },
    ...(invalid === undefined ? {} : { invalid }),
  };
}

function whyNotOneRun(first: RunnerReport, reports: readonly RunnerReport[]): string | undefined {
  const other = reports.find((one) => one.runners !== first.runners || one.perSecond !== first.perSecond || one.seconds !== first.seconds);
  if (other !== undefined) return `${other.runner} had other settings than ${first.runner}`;
  const names = new Set(reports.map(({ runner }) => runner));
  if (names.size !== reports.length) return 'one came twice';
  return reports.length === first.runners ? undefined : `there are ${reports.length} of ${first.runners}`;
}

/** Load one after the other is not the load of all. */
function notAtOnce(reports: readonly RunnerReport[], seconds: number): string | undefined {
  const starts = reports.map(({ startedAt }) => startedAt);
  const apart = (Math.max(...starts) - Math.min(...starts)) / 1000;
  return apart > mostApart * seconds ? `the runners began ${apart.toFixed(1)} s apart` : undefined;
}
