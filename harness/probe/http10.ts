// SPDX-License-Identifier: Apache-2.0
import { answerOver } from './answer-over.ts';
import { bodyLimit, bodyOf, groupFields, writtenNames, type Call, type Transport } from './call.ts';
import type { ProbeResponse } from './exchange.ts';

/** HTTP/1.0, which Node's client does not speak: a connection for each request, whose end is the end of the answer. */
export function createHttp10(): Transport {
  return {
    send: (call) => answerOver(call, { alpn: 'http/1.1', sent: written(call), read: answerOf }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function answerOf(received: Buffer, isOver: boolean): ProbeResponse | undefined {
  return isOver || isWhole(received) ? parse(received) : undefined;
}

function written({ request, fields }: Call): Buffer {
  const { method = 'GET', path = '/', host } = request;
  const lines = [...(host === undefined ? [] : [`host: ${host}`]), ...fields.map(([name, value]) => `${name}: ${value}`)];
  const head = [`${method} ${path} HTTP/1.0`, ...lines, '', ''].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), bodyOf(request) ?? Buffer.alloc(0)]);
}

/** Whether nothing more is needed, though the connection may stand: the body has the length that was announced, or the most that is kept. */
function isWhole(received: Buffer): boolean {
  const answer = parse(received);
  if (answer === undefined) return false;
  const [announced] = answer.headers['content-length'] ?? [];
  const length = received.length - headEnd(received) - 4;
  return length >= bodyLimit || (announced !== undefined && length >= Number(announced));
}

function parse(received: Buffer): ProbeResponse | undefined {
  const end = headEnd(received);
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const raw = lines.flatMap((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  const body = received.subarray(end + 4, end + 4 + bodyLimit).toString();
  return { status: Number(status), headers: groupFields(raw), writtenNames: writtenNames(raw), body };
}

const headEnd = (received: Buffer): number => received.indexOf('\r\n\r\n');
