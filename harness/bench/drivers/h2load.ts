// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertDescriptors } from '../../machine/descriptors.ts';
import { authorityOf, driverSeconds, runDriver, unusableOutput } from './driver-process.ts';
import { latencyHistogram, type LoadOptions, type LoadResult } from './load.ts';

/** Load over HTTP/2 without TLS (prior knowledge), or over HTTP/1.1. */
export interface H2loadOptions extends LoadOptions {
  readonly protocol: 'h2c' | 'http/1.1';
  /** Requests under way at once on each connection of HTTP/2; 1 by default. */
  readonly streams?: number;
}

/**
 * As much load as one thread of h2load makes. It waits for answers, as wrk does.
 *
 * @param h2load - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error, or reached nobody: it calls that a success. `GAUNTLET_MACHINE` if it may not open so many connections.
 */
export async function loadWithH2load(h2load: string, options: H2loadOptions, signal?: AbortSignal): Promise<LoadResult> {
  const { endpoint, host, path, connections, seconds, processors, protocol, streams = 1 } = options;
  assertDescriptors(connections);
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-h2load-'));
  try {
    const log = join(folder, 'requests.tsv');
    const args = [
      ...['--threads=1', `--clients=${connections}`, `--max-concurrent-streams=${streams}`, `--duration=${seconds}`, `--log-file=${log}`],
      ...(protocol === 'http/1.1' ? ['--h1', '--header', `host: ${host}`] : ['--header', `:authority: ${host}`]),
      `http://${authorityOf(endpoint)}${path}`,
    ];
    const output = await runDriver({ name: 'h2load', program: h2load, args, processors, signal });
    return readH2load(output, await readFile(log, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What h2load's report and its log of requests mean.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if they say nothing, or that nothing was asked.
 */
export function readH2load(output: string, log: string): LoadResult {
  const seconds = Number(/^finished in ([\d.]+)s,/m.exec(output)?.[1]);
  const counts = /(\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(output);
  const cpuSeconds = driverSeconds(output);
  const rows = log
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split('\t').map(Number));
  if (!(seconds > 0) || counts === null || cpuSeconds === undefined || rows.length === 0) throw unusableOutput('h2load', output);
  const latency = latencyHistogram();
  let served = 0;
  let refused = 0;
  for (const [, status = 0, microseconds = 0] of rows) {
    latency.recordValue(microseconds);
    if (status >= 200 && status < 400) served += 1;
    else refused += 1;
  }
  const [, failed = 0] = counts.map(Number);
  return {
    served,
    // Errors and timeouts are among the failed; so may be answers that the log has too.
    failed: Math.max(refused, failed),
    seconds,
    latency,
    cpuSeconds,
  };
}
