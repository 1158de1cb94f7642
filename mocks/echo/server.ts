// SPDX-License-Identifier: Apache-2.0
import type { Duplex, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { arrivalOf } from '../http/arrival.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import { EchoingWebSockets } from '../http/web-sockets.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { answerFor, echoBehaviourSchema, type EchoAnswer, type EchoBehaviour, type EchoDescription } from './behaviour.ts';

/** The backend: says what reached it, or answers as programmed. */
export const echoKind: PeerKind<EchoBehaviour> = {
  behaviour: echoBehaviourSchema,
  create: (context, behaviour) => new EchoServer(context, behaviour),
};

class EchoServer implements PeerServer<EchoBehaviour> {
  readonly #context: PeerContext;
  readonly #webSockets = new EchoingWebSockets();
  readonly #endpoint = new HttpEndpoint(
    (request, response) => this.#answer(request, response),
    (request, connection, head) => {
      this.#context.record(arrivalOf(request));
      this.#webSockets.accept(request, connection, head);
    },
  );
  #behaviour: EchoBehaviour;
  /** Arrivals of each request id since the behaviour was programmed, where it asks for that. */
  readonly #seen = new Map<string, number>();

  constructor(context: PeerContext, behaviour: EchoBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: EchoBehaviour): void {
    this.#behaviour = behaviour;
    this.#seen.clear();
  }

  close(): void {
    this.#webSockets.close();
    this.#endpoint.close();
  }

  /** How many requests of this id came before. */
  #count(id: string): number {
    const seen = this.#seen.get(id) ?? 0;
    this.#seen.set(id, seen + 1);
    return seen;
  }

  async #answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    const arrival = arrivalOf(request);
    this.#context.record(arrival);
    const behaviour = this.#behaviour;
    const seen = behaviour.first.length === 0 ? 0 : this.#count(arrival.id);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    // Answering before the request has ended would make a gateway reset the rest of a large upload.
    const body = await textOf(request);
    const answer = answerFor(behaviour, arrival.headers, seen);
    if (answer.delayMs > 0) await pause(answer.delayMs, undefined, { signal: gone.signal });
    write(response, answer, describe(this.#context.name, request, arrival, body));
  }
}

/** Most of a request's body that is described, in bytes. */
const bodyLimit = 64 * 1024;

/** A body up to the limit; what is beyond is read all the same. */
async function textOf(request: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    if (kept < bodyLimit) chunks.push(chunk);
    kept += chunk.length;
  }
  return Buffer.concat(chunks).subarray(0, bodyLimit).toString();
}

function describe(peer: string, request: HttpRequest, { id, method, path, host, headers }: Arrival, body: string): EchoDescription {
  const writtenNames = request.rawHeaders.filter((_, index) => index % 2 === 0);
  const protocol = `HTTP/${request.httpVersion}` as EchoDescription['protocol'];
  return { peer, id, method, path, host, headers, writtenNames, protocol, body };
}

function write(response: HttpResponse, answer: EchoAnswer, description: EchoDescription): void {
  const body = answer.body ?? `${JSON.stringify(description, null, 2)}\n`;
  response.statusCode = answer.status;
  response.setHeader('content-type', answer.body === undefined ? 'application/json' : 'text/plain');
  response.setHeader('x-gauntlet-peer', description.peer);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.end(body);
}
