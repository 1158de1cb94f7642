// SPDX-License-Identifier: Apache-2.0
import { bodyLimit, type Call } from './call.ts';
import { connectFor } from './connect.ts';
import type { ProbeResponse } from './exchange.ts';
import { follow, WireFailure } from './failure.ts';

/** How bytes become an answer. */
export interface Reading {
  /** Protocol to offer by ALPN. */
  readonly alpn: 'http/1.1' | undefined;
  /** What is sent. */
  readonly sent: string | Buffer;
  /**
   * Reads what was received so far; `undefined`: not whole yet.
   *
   * @param isOver - nothing more will come
   */
  readonly read: (received: Buffer, isOver: boolean) => ProbeResponse | undefined;
}

/** Sends bytes over a connection of its own and reads what comes back, until it is an answer, the connection ends or the time is up. */
export function answerOver(call: Call, { alpn, sent, read }: Reading): Promise<ProbeResponse> {
  const socket = connectFor(call, alpn);
  follow(socket, call.trail);
  return new Promise<ProbeResponse>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const fail = (error: unknown): void => reject(new WireFailure(error));
    const look = (isOver: boolean): void => {
      const answer = read(received, isOver);
      if (answer !== undefined) resolve(answer);
      else if (isOver) fail(new Error(`the connection was closed after ${received.length} bytes that are no answer`));
      else if (received.length > 2 * bodyLimit) fail(new Error(`no answer within ${2 * bodyLimit} bytes`));
    };
    const giveUp = (): void => void socket.destroy(new Error('the time was up'));
    call.signal.addEventListener('abort', giveUp, { once: true });
    socket.on('data', (chunk: Buffer) => {
      call.trail.stage = 'http';
      received = Buffer.concat([received, chunk]);
      look(false);
    });
    socket.once('error', fail);
    socket.once('end', () => look(true)).once('close', () => look(true));
    socket.write(sent);
  }).finally(() => socket.destroy());
}
