// SPDX-License-Identifier: Apache-2.0
import { milliseconds, seconds, type Duration } from '../units.ts';

/** Every time limit that a verdict can depend on. Overridable per run with `--budget NAME=SECONDS`, printed in the report. */
export interface Budgets {
  /** Longest wait for a change to show in traffic. The one limit that upstream caps for a conformant implementation (30 s). */
  readonly traffic: Duration;
  /** Longest wait for a status condition. */
  readonly status: Duration;
  /** Longest wait for a Gateway of one's own to be programmed and to answer. */
  readonly gateway: Duration;
  /** Longest wait for a peer to start or to follow a control call. */
  readonly peer: Duration;
  /** For one request. */
  readonly request: Duration;
  /** How long something must not happen for it to count as never. */
  readonly quiet: Duration;
  /** How long a soak lasts that looks for growing memory. */
  readonly soak: Duration;
  /** How long the cells of one scenario of throughput take together; those that it has no time for are left out. */
  readonly throughput: Duration;
  /** For a whole check, fixtures included. */
  readonly check: Duration;
  /** First pause between two attempts; doubles with jitter up to `maximumPause`. */
  readonly minimumPause: Duration;
  readonly maximumPause: Duration;
}

/** The limits used unless a run says otherwise. */
export const defaultBudgets: Budgets = {
  traffic: seconds(60),
  status: seconds(60),
  gateway: seconds(90),
  peer: seconds(60),
  request: seconds(10),
  quiet: seconds(2),
  soak: seconds(90),
  throughput: seconds(30),
  check: seconds(240),
  minimumPause: milliseconds(100),
  maximumPause: seconds(1),
};

/** Why each limit is what it is; for the docs and the report. */
export const budgetReasons: Readonly<Record<keyof Budgets, string>> = {
  traffic:
    'twice upstream’s MaxTimeToConsistency: a proxy that waits for endpoints does so for 15 s, and on a busy machine more than once in a row',
  status: 'upstream allows 60 s for a route condition',
  gateway: 'includes the start of a proxy pod on a busy machine; upstream allows 180 s for an address',
  peer: 'includes the start of the pod',
  request: 'upstream RequestTimeout',
  quiet: 'longer than any observed propagation on the gateways under test',
  soak: 'long enough for 1 MiB a minute in a proxy; half an hour finds a tenth of that',
  throughput: 'four cells of connections and sizes; 112 s are enough for all sixteen',
  check: 'the sum of the waits of a healthy check is a tenth of it',
  minimumPause: 'upstream polls every 100 ms since v1.5',
  maximumPause: 'keeps thirty checks in parallel from loading two cores',
};

/** Under a sabotage, and where a gap is known, the expectation that fails is given this part of its budget: it fails by using the budget up, and proving must be fast. */
export const sabotagedPart = 0.1;

/** Never less than this: enough for a request that nobody answers, and for the one after it. */
export const sabotagedLeast = seconds(6);

/** Of the time that the same expectation took without the sabotage, at least this multiple; less would prove nothing. */
export const sabotagedMargin = 4;

/**
 * The budget of an expectation that is to fail: under a sabotage the one that it breaks, and one that a release is known to break.
 *
 * @param stated - what it has without a sabotage; never exceeded
 * @param convergedMs - milliseconds that it took to hold without the sabotage, where known
 */
export function sabotagedBudget(stated: Duration, convergedMs = 0): Duration {
  return milliseconds(Math.min(stated.ms, Math.max(stated.ms * sabotagedPart, sabotagedLeast.ms, convergedMs * sabotagedMargin)));
}
