// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertDescriptors } from '../../machine/descriptors.ts';
import { authorityOf, driverSeconds, runDriver, unusableOutput } from './driver-process.ts';
import { latencyHistogram, type LoadOptions, type LoadResult } from './load.ts';

/** What h2load can speak: by what it then says it spoke, whether over TLS, and how it is told. It shows no certificate of its own. */
const protocols = {
  'http/1.1': { spoken: 'http/1.1', scheme: 'http', args: ['--h1'] },
  'http/1.1, TLS': { spoken: 'http/1.1', scheme: 'https', args: ['--h1'] },
  h2c: { spoken: 'h2c', scheme: 'http', args: [] },
  h2: { spoken: 'h2', scheme: 'https', args: ['--npn-list=h2'] },
} as const;

/** One of {@link protocols}: `h2` is HTTP/2 over TLS, `h2c` without it (prior knowledge). */
export type H2loadProtocol = keyof typeof protocols;

/** Load over HTTP/2, or over HTTP/1.1. The certificate of the server is not verified. */
export interface H2loadOptions extends LoadOptions {
  readonly protocol: H2loadProtocol;
  /** Requests under way at once on each connection of HTTP/2; 1 by default. */
  readonly streams?: number;
  /** Of each request, beside its host. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes each request a POST with this body. */
  readonly body?: Buffer;
  /** So many requests, however long they take, in the place of `seconds`. */
  readonly requests?: number;
  /**
   * With `requests`: the body of each answer has exactly so many bytes, and one without a body failed, whatever its status. A call of gRPC that fails is
   * answered with 200.
   */
  readonly answerBytes?: number;
}

/** Seconds without a byte after which a connection is given up. */
const patience = 5;

/**
 * As much load as one thread of h2load makes. It waits for answers, as wrk does.
 *
 * @param h2load - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error, spoke another protocol, or reached nobody: it calls that a success. `GAUNTLET_MACHINE` if it may
 * not open so many connections.
 */
export async function loadWithH2load(h2load: string, options: H2loadOptions, signal?: AbortSignal): Promise<LoadResult> {
  const {
    endpoint,
    host,
    path,
    connections,
    seconds,
    processors,
    protocol,
    streams = 1,
    headers = {},
    body,
    requests,
    answerBytes,
  } = options;
  assertDescriptors(connections);
  const { spoken, scheme, args: ownArgs } = protocols[protocol];
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-h2load-'));
  try {
    const [log, bodyFile] = [join(folder, 'requests.tsv'), join(folder, 'body')];
    if (body !== undefined) await writeFile(bodyFile, body);
    const args = [
      ...['--threads=1', `--clients=${connections}`, `--max-concurrent-streams=${streams}`, `--log-file=${log}`, ...ownArgs],
      ...(requests === undefined ? [`--duration=${seconds}`] : [`--requests=${requests}`, `--connection-inactivity-timeout=${patience}`]),
      // Over HTTP/1.1 too: what is called `host` there comes beside the one that it sends by itself.
      ...['--header', `:authority: ${host}`],
      ...Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]),
      ...(body === undefined ? [] : [`--data=${bodyFile}`]),
      `${scheme}://${authorityOf(endpoint)}${path}`,
    ];
    const output = await runDriver({ name: 'h2load', program: h2load, args, processors, signal });
    return readH2load(output, await readFile(log, 'utf8'), { spoken, ...(answerBytes === undefined ? {} : { answerBytes }) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a report of h2load is held against. */
export interface H2loadExpected {
  /** The protocol, as h2load says it. */
  readonly spoken: string;
  /** See {@link H2loadOptions.answerBytes}. */
  readonly answerBytes?: number;
}

/**
 * What h2load's report and its log of requests mean.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if they say nothing, that nothing was asked, or that another protocol was spoken.
 */
export function readH2load(output: string, log: string, { spoken, answerBytes }: H2loadExpected): LoadResult {
  const seconds = Number(/^finished in ([\d.]+)(s|ms),/m.exec(output)?.[1]) / (/^finished in [\d.]+ms,/m.test(output) ? 1000 : 1);
  const counts = /(\d+) failed, (\d+) errored, (\d+) timeout$/m.exec(output);
  const cpuSeconds = driverSeconds(output);
  const dataBytes = Number(/\((\d+)\) data$/m.exec(output)?.[1]);
  const rows = log
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split('\t').map(Number));
  if (!(seconds > 0) || counts === null || cpuSeconds === undefined || rows.length === 0) throw unusableOutput('h2load', output);
  const protocol = /^Application protocol: (\S+)$/m.exec(output)?.[1];
  if (protocol !== spoken || (answerBytes !== undefined && !(dataBytes >= 0))) throw unusableOutput('h2load', output);
  const latency = latencyHistogram();
  let served = 0;
  let refused = 0;
  for (const [, status = 0, microseconds = 0] of rows) {
    latency.recordValue(microseconds);
    if (status >= 200 && status < 400) served += 1;
    else refused += 1;
  }
  const [, failed = 0] = counts.map(Number);
  const whole = answerBytes === undefined ? served : Math.min(served, Math.floor(dataBytes / answerBytes));
  return {
    served: whole,
    // Errors and timeouts are among the failed; so may be answers that the log has too.
    failed: Math.max(refused, failed) + served - whole,
    seconds,
    latency,
    cpuSeconds,
  };
}
