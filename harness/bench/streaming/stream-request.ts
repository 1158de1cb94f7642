// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { isErrno } from '../../errors.ts';
import type { ProbeEndpoint } from '../../probe/exchange.ts';
import type { StreamingProvider } from './provider.ts';
import { StreamReader, type StreamSeen } from './stream-reader.ts';

/** Where a stream comes from. */
export interface StreamPath {
  readonly endpoint: ProbeEndpoint;
  readonly host: string;
}

/** One stream to be asked for. */
export interface StreamRequest extends StreamPath {
  readonly provider: StreamingProvider;
  /** Sent as `x-gauntlet-id`. */
  readonly id: string;
  /** When it was to be asked for, by {@link performance.now}. */
  readonly dueAt: number;
  /** For the whole stream. */
  readonly timeoutMs: number;
}

/**
 * Asks for one stream and reads it to its end. Bytes have the time at which Node hands them over, which is in the turn of the event loop that reads the
 * socket: what the loop does before adds to it.
 */
export function askStream({ endpoint, host, provider, id, dueAt, timeoutMs }: StreamRequest, agent: http.Agent): Promise<StreamSeen> {
  const reader = new StreamReader(provider);
  return new Promise((resolve) => {
    let status: number | undefined;
    const settle = (error?: Error): void => {
      const why = error === undefined ? {} : { error: (isErrno(error) ? error.code : undefined) ?? error.name };
      resolve(reader.end({ ...(status === undefined ? {} : { status }), ...why }));
    };
    const request = http.request({
      agent,
      method: 'POST',
      host: endpoint.address,
      port: endpoint.port,
      path: provider.path,
      headers: {
        host,
        accept: 'text/event-stream',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(provider.body),
        'x-gauntlet-id': id,
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.once('response', (response) => {
      status = response.statusCode;
      response.on('data', (bytes: Buffer) => reader.feed(bytes, performance.now() - dueAt));
      response.once('end', () => settle());
      response.once('error', settle);
    });
    request.once('error', settle);
    request.end(provider.body);
  });
}
