// SPDX-License-Identifier: Apache-2.0
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { GauntletError } from '../../errors.ts';
import { endingWithParent } from '../../process/command.ts';
import { latencyHistogram, type LoadOptions, type LoadResult } from './load.ts';

const count = z.int().nonnegative();

/** What `wrk-report.lua` writes. */
const reportSchema = z.object({
  requests: count,
  microseconds: count,
  errors: z.object({ connect: count, read: count, write: count, status: count, timeout: count }),
  latency: z.array(z.tuple([count, count])),
});

/**
 * As much load over HTTP/1.1 as one thread of wrk makes. wrk waits for an answer before it asks again, so what it says of latency holds at saturation
 * only, and not for a rate; for what it did not send while it waited long, it adds to the latencies what that would have seen (`stats_correct`).
 *
 * @param wrk - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error or says nothing.
 */
export async function loadWithWrk(wrk: string, options: LoadOptions, signal?: AbortSignal): Promise<LoadResult> {
  const { endpoint, host, path, connections, seconds, processors } = options;
  const authority = isIPv6(endpoint.address) ? `[${endpoint.address}]:${endpoint.port}` : `${endpoint.address}:${endpoint.port}`;
  const { file, args } = endingWithParent({
    file: 'taskset',
    args: [
      ...['--cpu-list', processors],
      // The shell tells what its child used.
      ...['sh', '-c', '"$@" && times', 'sh'],
      ...[wrk, '--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--timeout', '2s'],
      ...['--script', join(import.meta.dirname, 'wrk-report.lua'), '--header', `Host: ${host}`, `http://${authority}${path}`],
    ],
  });
  const ended = await execa(file, args, { reject: false, all: true, stdin: 'ignore', ...(signal && { cancelSignal: signal }) });
  signal?.throwIfAborted();
  if (ended.failed) throw unusable(ended.all);
  return readReport(ended.stdout);
}

/**
 * What a report means.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if it is none.
 */
export function readReport(output: string): LoadResult {
  const lines = output.trim().split('\n');
  const report = lines.find((line) => line.startsWith('{'));
  const parsed = reportSchema.safeParse(report === undefined ? undefined : JSON.parse(report));
  const [own, cpuSeconds] = lines.slice(-2).map(secondsOf);
  if (!parsed.success || own === undefined || cpuSeconds === undefined) throw unusable(output);
  const { requests, microseconds, errors, latency: values } = parsed.data;
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

/** User and system time as `times` of the shell writes them, its own and below that of its children: `0m1.250000s 0m0.500000s`. */
function secondsOf(line: string): number | undefined {
  const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => 60 * Number(minutes) + Number(seconds));
  return parts.length === 2 ? (parts[0] ?? 0) + (parts[1] ?? 0) : undefined;
}

function unusable(output: string): GauntletError {
  return new GauntletError('GAUNTLET_LOAD', `wrk said nothing that can be used: ${output.trim().split('\n').slice(-5).join('; ')}`, {
    hint: 'Run the command by hand; wrk 4.1 or newer is needed.',
  });
}
