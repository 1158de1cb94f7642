// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { sum } from 'simple-statistics';
import { z } from 'zod';
import { assertDescriptors } from '../../machine/descriptors.ts';
import { authorityOf, driverSeconds, jsonReport, runDriver, unusableOutput } from './driver-process.ts';
import { latencyHistogram, type LoadOptions, type LoadResult } from './load.ts';

const count = z.int().nonnegative();

/** What `wrk-report.lua` writes. */
const reportSchema = z.object({
  requests: count,
  microseconds: count,
  errors: z.object({ connect: count, read: count, write: count, status: count, timeout: count }),
  latency: z.array(z.tuple([count, count])),
});

/** Load as wrk makes it. */
export interface WrkOptions extends LoadOptions {
  /** `GET` by default. */
  readonly method?: string;
  /** Of each request, beside its host. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * As much load over HTTP/1.1 as one thread of wrk makes. wrk waits for an answer before it asks again, so what it says of latency holds at saturation
 * only, and not for a rate; for what it did not send while it waited long, it adds to the latencies what that would have seen (`stats_correct`).
 *
 * @param wrk - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error or says nothing, `GAUNTLET_MACHINE` if it may not open so many connections.
 */
export async function loadWithWrk(wrk: string, options: WrkOptions, signal?: AbortSignal): Promise<LoadResult> {
  const { endpoint, host, path, connections, seconds, processors, method = 'GET', headers = {} } = options;
  assertDescriptors(connections);
  const args = [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', '2s'],
    ...['--script', join(import.meta.dirname, 'wrk-report.lua'), '--header', `Host: ${host}`],
    ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
    ...[`http://${authorityOf(endpoint)}${path}`, '--', method],
  ];
  return readReport(await runDriver({ name: 'wrk', program: wrk, args, processors, signal }));
}

/**
 * What a report means.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if it is none, or nothing was asked.
 */
export function readReport(output: string): LoadResult {
  const parsed = reportSchema.safeParse(jsonReport(output));
  const cpuSeconds = driverSeconds(output);
  if (!parsed.success || cpuSeconds === undefined) throw unusableOutput('wrk', output);
  const { requests, microseconds, errors, latency: values } = parsed.data;
  if (requests + sum(Object.values(errors)) === 0) throw unusableOutput('wrk', output);
  const latency = latencyHistogram();
  for (const [value, times] of values) latency.recordValueWithCount(value, times);
  return {
    served: requests - errors.status,
    failed: errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    seconds: microseconds / 1e6,
    latency,
    cpuSeconds,
  };
}
