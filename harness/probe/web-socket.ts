// SPDX-License-Identifier: Apache-2.0
import type { ClientRequest, IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { authorityOf, groupFields, writtenNames, type Call, type Transport } from './call.ts';
import { connectFor } from './connect.ts';
import type { ProbeResponse } from './exchange.ts';
import { follow, WireFailure } from './failure.ts';

/** Upgrades to a WebSocket, sends one text and waits for one message; a connection for each. */
export function createWebSocket(): Transport {
  return { send: exchange, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function exchange(call: Call): Promise<ProbeResponse> {
  const { endpoint, request, fields } = call;
  const scheme = request.tls === undefined ? 'ws' : 'wss';
  const headers: Record<string, string | string[]> = { host: authorityOf(call) };
  for (const [name, value] of fields) headers[name] = name in headers ? [headers[name] ?? '', value].flat() : value;
  const socket = new WebSocket(`${scheme}://${authorityOf({ endpoint, request: {} })}${request.path ?? '/'}`, {
    headers,
    perMessageDeflate: false,
    createConnection: (() => {
      const connection = connectFor(call, 'http/1.1');
      follow(connection, call.trail);
      return connection;
    }) as never,
  });
  return new Promise<ProbeResponse>((resolve, reject) => {
    let upgraded: IncomingMessage | undefined;
    const fail = (error: unknown): void => reject(new WireFailure(error));
    const giveUp = (): void => socket.terminate();
    call.signal.addEventListener('abort', giveUp, { once: true });
    socket.on('upgrade', (response) => {
      upgraded = response;
      call.trail.stage = 'http';
    });
    socket.on('open', () => socket.send(request.webSocket ?? ''));
    socket.on('message', (data: Buffer) => {
      if (upgraded !== undefined) resolve(answerOf(upgraded, data.toString()));
    });
    socket.on('unexpected-response', (sent: ClientRequest, response) => {
      call.trail.stage = 'http';
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(answerOf(response, Buffer.concat(chunks).toString()));
        sent.destroy();
      });
      response.on('error', fail);
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the connection was closed')));
  }).finally(() => socket.terminate());
}

function answerOf({ statusCode = 0, rawHeaders }: IncomingMessage, body: string): ProbeResponse {
  return { status: statusCode, headers: groupFields(rawHeaders), writtenNames: writtenNames(rawHeaders), body };
}
