// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { ProbeEndpoint } from '../../probe/exchange.ts';
import { authorityOf, driverSeconds, jsonReport, runDriver, unusableOutput } from './driver-process.ts';

/** Requests at a rate that does not depend on the answers (open loop). */
export interface FixedRate {
  readonly endpoint: ProbeEndpoint;
  readonly host: string;
  readonly path: string;
  readonly perSecond: number;
  /** Whole seconds. */
  readonly seconds: number;
}

/** What came of it. Milliseconds, from sending to the end of the answer; null where there was no sample. */
export interface FixedRateResult {
  /** Requests that were sent. */
  readonly requests: number;
  /** Of these, those without an answer, or with a status of 400 and above. */
  readonly failed: number;
  /** Requests that were due and never sent: nobody was free to. */
  readonly dropped: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
  /** Processor time of k6, per second. */
  readonly busy: number;
}

const metric = <Shape extends z.ZodRawShape>(shape: Shape) => z.object({ values: z.object(shape) });

/** What the script's `handleSummary` writes, as far as it is read. A metric without a sample is not there. */
const summarySchema = z.object({
  metrics: z.object({
    http_reqs: metric({ count: z.number() }).optional(),
    http_req_failed: metric({ passes: z.number() }).optional(),
    dropped_iterations: metric({ count: z.number() }).optional(),
    http_req_duration: metric({
      count: z.number(),
      med: z.number(),
      'p(90)': z.number(),
      'p(99)': z.number(),
      'p(99.9)': z.number(),
      max: z.number(),
    }).optional(),
  }),
});

/**
 * Runs a script of `scenarios/` in k6 at a fixed rate.
 *
 * @param k6 - path of the program
 * @param script - path of the script, which asks what its environment says and writes its summary to stdout
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error or sent nothing.
 */
export async function runK6(k6: string, script: string, options: FixedRate, signal?: AbortSignal): Promise<FixedRateResult> {
  const { endpoint, host, path, perSecond, seconds } = options;
  const settings = { URL: `http://${authorityOf(endpoint)}${path}`, HOST: host, RATE: perSecond, SECONDS: seconds };
  const args = [
    // No listener of its own: two at once would want the same port.
    ...['run', '--quiet', '--no-usage-report', '--address', ''],
    ...Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    script,
  ];
  return readSummary(await runDriver({ name: 'k6', program: k6, args, signal }), seconds);
}

/**
 * What a summary means.
 *
 * @param seconds - for which requests were sent
 * @throws GauntletError `GAUNTLET_LOAD` if it is none, or nothing was sent.
 */
export function readSummary(output: string, seconds: number): FixedRateResult {
  const parsed = summarySchema.safeParse(jsonReport(output));
  const cpuSeconds = driverSeconds(output);
  if (!parsed.success || cpuSeconds === undefined) throw unusableOutput('k6', output);
  const { http_reqs: sent, http_req_failed: failed, dropped_iterations: dropped, http_req_duration: duration } = parsed.data.metrics;
  if (sent === undefined || sent.values.count === 0 || failed === undefined) throw unusableOutput('k6', output);
  const times = duration?.values;
  return {
    requests: sent.values.count,
    failed: failed.values.passes,
    dropped: dropped?.values.count ?? 0,
    p50: times?.med ?? null,
    p90: times?.['p(90)'] ?? null,
    p99: times?.['p(99)'] ?? null,
    p999: times?.['p(99.9)'] ?? null,
    max: times?.max ?? null,
    busy: cpuSeconds / seconds,
  };
}
