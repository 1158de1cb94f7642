// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { jsonReport, unusableOutput } from '../drivers/driver-process.ts';
import { bucketNamed } from '../latency-buckets.ts';
import { totalOf, type LatencyCounts } from '../latency-counts.ts';

/** What one of several runners of a script did. */
export interface RunnerReport {
  /** Name of its pod. */
  readonly runner: string;
  /** How many there are. */
  readonly runners: number;
  /** Requests a second that all of them together were to send. */
  readonly perSecond: number;
  /** For which they were to. */
  readonly seconds: number;
  /** By the clock of its node, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly requests: number;
  /** Of these, those without an answer, or with a status of 400 and above. */
  readonly failed: number;
  /** Requests that were due and never sent. */
  readonly dropped: number;
  readonly latency: LatencyCounts;
  /** Of its latencies the longest, in milliseconds. */
  readonly maxMs: number;
}

const metric = <Shape extends z.ZodRawShape>(shape: Shape) => z.object({ values: z.object(shape) });
const count = z.int().nonnegative();

/** What the script's `handleSummary` writes, as far as it is read. */
const reportSchema = z.object({
  part: z.object({
    runner: z.string().min(1),
    runners: z.int().positive(),
    perSecond: z.number().positive(),
    seconds: z.number().positive(),
    endedAt: z.number(),
  }),
  state: z.object({ testRunDurationMs: z.number() }),
  metrics: z
    .object({
      http_reqs: metric({ count: count.positive() }),
      http_req_failed: metric({ passes: count }),
      http_req_duration: metric({ max: z.number() }),
      dropped_iterations: metric({ count }).optional(),
    })
    .catchall(z.object({ values: z.record(z.string(), z.unknown()) })),
});

/**
 * Reads the log of a runner's pod.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if there is no report in it, it sent nothing, or counted something else than it sent.
 */
export function readRunnerReport(log: string, name: string): RunnerReport {
  const parsed = reportSchema.safeParse(jsonReport(log));
  if (!parsed.success) throw unusableOutput(name, log);
  const { part, state, metrics } = parsed.data;
  const latency = countsIn(metrics);
  const requests = metrics.http_reqs.values.count;
  if (latency === undefined || totalOf(latency) !== requests)
    throw unusableOutput(`${name}, whose latencies are not as many as its requests,`, log);
  return {
    ...part,
    startedAt: part.endedAt - state.testRunDurationMs,
    requests,
    failed: metrics.http_req_failed.values.passes,
    dropped: metrics.dropped_iterations?.values.count ?? 0,
    latency,
    maxMs: metrics.http_req_duration.values.max,
  };
}

/** Undefined if something else than a count is in the place of one. */
function countsIn(metrics: Readonly<Record<string, { readonly values: object }>>): LatencyCounts | undefined {
  const counts = new Map<number, number>();
  for (const [name, { values }] of Object.entries(metrics)) {
    const bucket = bucketNamed(name);
    if (bucket === undefined) continue;
    const counted = count.safeParse('count' in values ? values.count : undefined);
    if (!counted.success) return undefined;
    if (counted.data > 0) counts.set(bucket, counted.data);
  }
  return counts;
}
