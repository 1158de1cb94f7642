// SPDX-License-Identifier: Apache-2.0
import { bodyLimit, idHeader, type Call, type Transport } from './call.ts';
import { connectFor } from './connect.ts';
import type { ProbeResponse } from './exchange.ts';
import { follow, WireFailure } from './failure.ts';

/** Bare TCP, under TLS where the call has it: a line that tells the id, the line that was asked for, and one line back. */
export function createTcp(): Transport {
  return { send: exchange, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** What goes over the wire. */
export function tcpLines(id: string, text: string): string {
  return `${idHeader}: ${id}\n${text}\n`;
}

function exchange(call: Call): Promise<ProbeResponse> {
  const socket = connectFor(call, undefined);
  follow(socket, call.trail);
  return new Promise<ProbeResponse>((resolve, reject) => {
    let received = Buffer.alloc(0);
    const fail = (error: unknown): void => reject(new WireFailure(error));
    const end = (): void => fail(new Error(`the connection was closed after ${received.length} bytes that are no line`));
    const giveUp = (): void => void socket.destroy(new Error('the time was up'));
    call.signal.addEventListener('abort', giveUp, { once: true });
    socket.on('data', (chunk: Buffer) => {
      call.trail.stage = 'http';
      received = Buffer.concat([received, chunk]);
      const lineEnd = received.indexOf('\n');
      if (lineEnd >= 0) resolve({ status: 0, headers: {}, body: received.subarray(0, lineEnd).toString() });
      else if (received.length > bodyLimit) fail(new Error(`no line ended within ${bodyLimit} bytes`));
    });
    socket.once('error', fail).once('end', end).once('close', end);
    socket.write(tcpLines(call.id, call.request.tcp ?? ''));
  }).finally(() => socket.destroy());
}
