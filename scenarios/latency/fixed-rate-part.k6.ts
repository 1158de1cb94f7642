// SPDX-License-Identifier: Apache-2.0
// Runs in k6, as one of several runners of fixed-rate.k6.ts: asks the same, and counts each latency by its range, so that the counts of all runners can be added up.
import { Counter } from 'k6/metrics';
import { bucketBounds, bucketName, bucketOf } from '../../harness/bench/latency-buckets.ts';
import get from './fixed-rate.k6.ts';

export { options } from './fixed-rate.k6.ts';

const { RUNNER: runner = '', RUNNERS: runners = '', RATE: rate = '', SECONDS: seconds = '' } = __ENV;

const counters = bucketBounds.map((_, index) => new Counter(bucketName(index)));

export default function getAndCount(): void {
  counters[bucketOf(1000 * get().timings.duration)]?.add(1);
}

/** The name by which k6 asks for it. */
export function handleSummary(data: object): Record<string, string> {
  const part = { runner, runners: Number(runners), perSecond: Number(rate), seconds: Number(seconds), endedAt: Date.now() };
  return { stdout: `${JSON.stringify({ part, ...data })}\n` };
}
