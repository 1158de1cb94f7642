// SPDX-License-Identifier: Apache-2.0
import { answerOver } from './answer-over.ts';
import { idHeader, type Transport } from './call.ts';
import type { ProbeResponse } from './exchange.ts';

/** Bare TCP, under TLS where the call has it: a line that tells the id, the line that was asked for, and one line back. */
export function createTcp(): Transport {
  return {
    send: (call) => answerOver(call, { alpn: undefined, sent: tcpLines(call.id, call.request.tcp ?? ''), read: lineOf }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What goes over the wire. */
export function tcpLines(id: string, text: string): string {
  return `${idHeader}: ${id}\n${text}\n`;
}

function lineOf(received: Buffer): ProbeResponse | undefined {
  const end = received.indexOf('\n');
  return end < 0 ? undefined : { status: 0, headers: {}, body: received.subarray(0, end).toString() };
}
