// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { manyResets } from './many-resets.ts';

/** A request over either version of HTTP. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** An answer over either version of HTTP. */
export type HttpResponse = ServerResponse | Http2ServerResponse;
/** Answers one request. What it throws becomes a 500 with the message. */
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => Promise<void> | void;

/** Takes over the connection of an HTTP/1.1 request that asks for another protocol. */
export type UpgradeHandler = (request: IncomingMessage, connection: Duplex, head: Buffer) => void;

const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** Serves HTTP/1.1 and cleartext HTTP/2 with prior knowledge on the same connections: the client's first bytes tell which. */
export class HttpEndpoint {
  readonly #http1: Server;
  readonly #http2: Http2Server;
  readonly #sessions = new Set<ServerHttp2Session>();

  /** Without `onUpgrade`, a request to upgrade is answered like any other. */
  constructor(handler: HttpHandler, onUpgrade?: UpgradeHandler) {
    const listener = (request: HttpRequest, response: HttpResponse): void => void handle(handler, request, response);
    this.#http1 = createServer(listener);
    // An idle connection stays open: closing it would race with a gateway that is about to reuse it, and a 503 would be our doing.
    this.#http1.keepAliveTimeout = 0;
    this.#http1.on('clientError', (_error, socket) => socket.destroy());
    if (onUpgrade !== undefined) this.#http1.on('upgrade', onUpgrade);
    this.#http2 = createHttp2Server(manyResets, listener);
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => undefined).once('close', () => this.#sessions.delete(session));
    });
  }

  /** Takes over a connection. */
  accept(connection: Duplex): void {
    let seen = Buffer.alloc(0);
    const look = (): void => {
      for (let chunk = readFrom(connection); chunk !== null; chunk = readFrom(connection)) seen = Buffer.concat([seen, chunk]);
      const compared = Math.min(seen.length, http2Preface.length);
      const mayBeHttp2 = seen.subarray(0, compared).equals(http2Preface.subarray(0, compared));
      if (mayBeHttp2 && compared < http2Preface.length) return;
      connection.off('readable', look).off('end', leave);
      connection.unshift(seen);
      this.#handOver(connection, mayBeHttp2);
    };
    // The client left before it had said anything.
    const leave = (): void => void connection.end();
    connection.on('readable', look).once('end', leave);
  }

  /** Ends what is under way; the connections themselves belong to whoever accepted them. */
  close(): void {
    for (const session of this.#sessions) session.destroy();
    this.#http1.closeAllConnections();
  }

  #handOver(connection: Duplex, isHttp2: boolean): void {
    // An HTTP/1.1 client may close its side and still wait for the answer; in HTTP/2 the end of one side is the end.
    if (isHttp2) connection.allowHalfOpen = false;
    if (connection instanceof Socket) connection.setNoDelay(true);
    (isHttp2 ? this.#http2 : this.#http1).emit('connection', connection);
  }
}

function readFrom(connection: Duplex): Buffer | null {
  return connection.read() as Buffer | null;
}

async function handle(handler: HttpHandler, request: HttpRequest, response: HttpResponse): Promise<void> {
  try {
    await handler(request, response);
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy();
    else respondText(response, 500, error instanceof Error ? error.message : String(error));
  }
}

function respondText(response: HttpResponse, status: number, text: string): void {
  // One of the headers set so far may be what could not be sent.
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.statusCode = status;
  response.setHeader('content-type', 'text/plain');
  response.end(`${text}\n`);
}
