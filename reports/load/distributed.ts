// SPDX-License-Identifier: Apache-2.0
import type { DistributedResult } from '../../harness/bench/k6-operator/merge.ts';
import { plural } from '../format.ts';
import { measuredText } from './tables.ts';

/** What several runners did together, as plain text. */
export function printDistributed(result: DistributedResult): string {
  const { runners, perSecond, seconds, requests, failed, dropped, invalid } = result;
  const latencies = (['p50', 'p90', 'p99', 'p999', 'max'] as const).map(
    (key) => `${key === 'p999' ? 'p99.9' : key} ${measuredText({ unit: 'ms', value: result[key] })}`,
  );
  const count = (value: number): string => measuredText({ unit: 'count', value });
  return [
    `${plural(runners, 'runner')}, ${count(perSecond)} requests a second for ${seconds} s: ${count(requests)} sent, ${count(failed)} failed, ${count(dropped)} dropped`,
    `latency: ${latencies.join(', ')}`,
    ...(invalid === undefined ? [] : [`says nothing of the gateway: ${invalid}`]),
  ].join('\n');
}
