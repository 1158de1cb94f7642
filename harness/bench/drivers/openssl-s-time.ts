// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authorityOf, runDriver, unusableOutput } from './driver-process.ts';
import type { LoadOptions } from './load.ts';
import type { SocketLoadTls } from './socket-load.ts';

/** TLS connections as `openssl s_time` makes them: one after the other. */
export interface TimedHandshakes extends Omit<LoadOptions, 'connections'> {
  readonly tls: SocketLoadTls;
}

/** What came of it. */
export interface HandshakeTimes {
  readonly connections: number;
  /** Of these, those that took up a session. */
  readonly resumed: number;
  /** As long as the program ran: its start is in it, some hundredths of a second. */
  readonly seconds: number;
}

/**
 * Runs `openssl s_time`, which others measure handshakes with: a number to hold one's own against. It counts whole seconds of the clock only, and up to one too many;
 * so it is stopped from outside, and what counts is the mark that it writes for each connection.
 *
 * @param openssl - path of the program
 * @throws GauntletError `GAUNTLET_LOAD` if it ends before its time, which it does with the first connection that fails.
 */
export async function timeHandshakes(openssl: string, options: TimedHandshakes, signal?: AbortSignal): Promise<HandshakeTimes> {
  const { endpoint, host, path, seconds, processors, tls } = options;
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-s-time-'));
  try {
    const files = { certificate: join(folder, 'client.pem'), key: join(folder, 'client.key') };
    if (tls.identity !== undefined) {
      await writeFile(files.certificate, tls.identity.certificate);
      await writeFile(files.key, tls.identity.key, { mode: 0o600 });
    }
    const args = [
      ...['s_time', '-connect', authorityOf(endpoint), tls.resumes === true ? '-reuse' : '-new', '-time', '3600'],
      ...(tls.identity === undefined ? [] : ['-cert', files.certificate, '-key', files.key]),
      ...['-www', requestOf(host, path)],
    ];
    // It is stopped by `timeout`, which then ends with 124; the line break is for what is told below it.
    const stopped = 'timeout "$@"; code=$?; echo; [ $code = 124 ]';
    const output = await runDriver({
      name: 'openssl s_time',
      program: 'sh',
      args: ['-c', stopped, 'sh', String(seconds), openssl, ...args],
      processors,
      signal,
    });
    return { ...readMarks(output), seconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** It writes `GET `, this, and ` HTTP/1.0` with an empty line: here the end of a header that nobody reads, since gateways refuse that version. */
const requestOf = (host: string, path: string): string => `${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nX-Asked-By:`;

/**
 * What the marks mean: `r` for a connection that took up a session, another for one that did not.
 *
 * @throws GauntletError `GAUNTLET_LOAD` if there are none.
 */
export function readMarks(output: string): Pick<HandshakeTimes, 'connections' | 'resumed'> {
  const marks = output.split('\n').findLast((line) => /^[r*t3]+$/.test(line));
  if (marks === undefined) throw unusableOutput('openssl s_time', output);
  return { connections: marks.length, resumed: marks.length - marks.replaceAll('r', '').length };
}
