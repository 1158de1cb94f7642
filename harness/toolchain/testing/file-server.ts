// SPDX-License-Identifier: Apache-2.0
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Answers one request for one path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A loopback HTTP server whose answers a test writes; it counts what was asked. */
export class FileServer {
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #answers = new Map<string, Answer>();
  #port = 0;
  /** `path` or `path range` of each request, in order. */
  readonly requests: string[] = [];

  /** A server that listens on a free port of 127.0.0.1 until the test that runs now ends. */
  static async start(): Promise<FileServer> {
    const server = new FileServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    server.#port = (server.#server.address() as AddressInfo).port;
    onTestFinished(() => server.stop());
    return server;
  }

  /** Ends it, with the connections that are open. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** The address of a path. */
  url(path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.#port}/`);
  }

  /** Answers a path from now on. */
  on(path: string, answer: Answer): void {
    this.#answers.set(path, answer);
  }

  /** Serves content under a path, ranges included. */
  serve(path: string, content: Buffer | string): void {
    this.on(path, serving(content));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push([request.url, request.headers.range].filter((part) => part !== undefined).join(' '));
    const answer = this.#answers.get(request.url ?? '');
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  }
}

/** Sends all of some content, or the rest of it from the start of the range that was asked for. */
export function serving(content: Buffer | string): Answer {
  const all = Buffer.from(content);
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (request.headers.range === undefined) response.writeHead(200, { 'content-length': all.length }).end(all);
    else if (start >= all.length) response.writeHead(416, { 'content-range': `bytes */${all.length}` }).end();
    else
      response
        .writeHead(206, { 'content-length': all.length - start, 'content-range': `bytes ${start}-${all.length - 1}/${all.length}` })
        .end(all.subarray(start));
  };
}

/**
 * Sends the first `bytes` of some content (of what is left of it), says that there is more, and breaks the connection; not before `arrived` has
 * resolved, where the test wants it to have come through.
 */
export function breakingOffAfter(bytes: number, content: Buffer, arrived: () => Promise<unknown> = () => Promise.resolve()): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const rest = content.subarray(start);
    const head = start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` };
    response.writeHead(start === 0 ? 200 : 206, { 'content-length': rest.length, ...head });
    response.write(rest.subarray(0, bytes), () => void arrived().finally(() => response.destroy()));
  };
}
