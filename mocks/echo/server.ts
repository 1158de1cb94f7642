// SPDX-License-Identifier: Apache-2.0
import type { Duplex, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { collectHeaders } from '../http/headers.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { answerFor, echoBehaviourSchema, type EchoAnswer, type EchoBehaviour, type EchoDescription } from './behaviour.ts';

/** The backend: says what reached it, or answers as programmed. */
export const echoKind: PeerKind<EchoBehaviour> = {
  behaviour: echoBehaviourSchema,
  create: (context, behaviour) => new EchoServer(context, behaviour),
};

class EchoServer implements PeerServer<EchoBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new HttpEndpoint((request, response) => this.#answer(request, response));
  #behaviour: EchoBehaviour;

  constructor(context: PeerContext, behaviour: EchoBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: EchoBehaviour): void {
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#endpoint.close();
  }

  async #answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    const arrival = arrivalOf(request);
    this.#context.record(arrival);
    const behaviour = this.#behaviour;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    // Answering before the request has ended would make a gateway reset the rest of a large upload.
    await finished(request.resume() as Readable);
    const answer = answerFor(behaviour, arrival.headers);
    if (answer.delayMs > 0) await pause(answer.delayMs, undefined, { signal: gone.signal });
    write(response, answer, describe(this.#context.name, request, arrival));
  }
}

function arrivalOf(request: HttpRequest): Arrival {
  const headers = collectHeaders(request.rawHeaders);
  const authority = 'authority' in request ? request.authority : undefined;
  return {
    id: headers['x-gauntlet-id']?.[0] ?? '',
    method: request.method ?? '',
    path: request.url ?? '',
    host: authority ?? headers['host']?.[0] ?? '',
    headers,
    at: Date.now(),
  };
}

function describe(peer: string, request: HttpRequest, { id, method, path, host, headers }: Arrival): EchoDescription {
  return { peer, id, method, path, host, headers, protocol: `HTTP/${request.httpVersion}` as EchoDescription['protocol'] };
}

function write(response: HttpResponse, answer: EchoAnswer, description: EchoDescription): void {
  const body = answer.body ?? `${JSON.stringify(description, null, 2)}\n`;
  response.statusCode = answer.status;
  response.setHeader('content-type', answer.body === undefined ? 'application/json' : 'text/plain');
  response.setHeader('x-gauntlet-peer', description.peer);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.end(body);
}
