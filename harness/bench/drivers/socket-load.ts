// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { assertDescriptors } from '../../machine/descriptors.ts';
import { driverSeconds, jsonReport, runDriver, unusableOutput } from './driver-process.ts';
import { latencyHistogram, type LoadOptions, type LoadResult } from './load.ts';

/** Load over sockets. */
export interface SocketLoadOptions extends LoadOptions {
  /**
   * What each connection does, again and again: `requests` over HTTP/1.1 that keep it; `handshakes`, each a connection of its own with one request, to its end;
   * `messages` of WebSocket, each of which must come back as it was sent.
   */
  readonly work: 'requests' | 'handshakes' | 'messages';
  /** Size of the body of each right answer, or of each message. */
  readonly bytes: number;
  /** None by default. The certificate of the server is not verified. */
  readonly tls?: SocketLoadTls;
}

/** The client's side of TLS. */
export interface SocketLoadTls {
  /** A certificate that is shown where it is asked for, and its key; PEM texts. */
  readonly identity?: { readonly certificate: string; readonly key: string };
  /** Whether each connection offers the session that the one before it got; `false` by default. */
  readonly resumes?: boolean;
}

/** What came of it; `served` and `failed` count requests, connections or messages. */
export interface SocketLoadResult extends LoadResult {
  /** Of those `served`, connections for which the server took up the session that it was offered. */
  readonly resumed: number;
  /** The most frequent reasons for which some failed, each with its number. */
  readonly reasons: Readonly<Record<string, number>>;
}

const count = z.int().nonnegative();

/** What `socket-load.py` writes. */
const reportSchema = z.object({
  done: count,
  failed: count,
  reached: count,
  resumed: count,
  microseconds: count,
  reasons: z.record(z.string(), count),
  latency: z.array(z.tuple([count, count])),
});

/**
 * As much load as loops of blocking sockets make, in Python on OpenSSL. It is there for what drivers that are others' cannot do, or do not fast enough: neither wrk
 * nor h2load shows a certificate, none of them makes a new handshake for each request or says which were resumed, and k6, which has certificates and WebSocket,
 * sends a tenth of what a proxy takes. Sockets of Node cost more for each handshake than the proxy's side of it does.
 *
 * @param python - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends in error, or reached nobody; `GAUNTLET_MACHINE` if it may not open so many connections.
 */
export async function loadWithSockets(python: string, options: SocketLoadOptions, signal?: AbortSignal): Promise<SocketLoadResult> {
  const { endpoint, host, path, connections, seconds, processors, work, bytes, tls } = options;
  assertDescriptors(connections);
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-sockets-'));
  try {
    const files = { certificate: join(folder, 'client.pem'), key: join(folder, 'client.key') };
    const { identity } = tls ?? {};
    if (identity !== undefined) {
      await writeFile(files.certificate, identity.certificate);
      await writeFile(files.key, identity.key, { mode: 0o600 });
    }
    const task = {
      ...{ ...endpoint, host, path, connections, seconds, work, bytes, resumes: tls?.resumes === true },
      ...(tls === undefined ? {} : { tls: identity === undefined ? {} : files }),
    };
    const args = [join(import.meta.dirname, 'socket-load.py'), JSON.stringify(task)];
    return readSocketLoad(await runDriver({ name: 'socket-load', program: python, args, processors, signal }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * What a report means.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if it is none, or nobody was reached.
 */
export function readSocketLoad(output: string): SocketLoadResult {
  const parsed = reportSchema.safeParse(jsonReport(output));
  const cpuSeconds = driverSeconds(output);
  if (!parsed.success || cpuSeconds === undefined) throw unusableOutput('socket-load', output);
  const { done, failed, reached, resumed, microseconds, reasons, latency: values } = parsed.data;
  if (reached === 0 || done + failed === 0) throw unusableOutput('socket-load', output);
  const latency = latencyHistogram();
  for (const [value, times] of values) latency.recordValueWithCount(value, times);
  return { served: done, failed, seconds: microseconds / 1e6, latency, cpuSeconds, resumed, reasons };
}
