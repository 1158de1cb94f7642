// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { arrivalOf } from '../http/arrival.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { jwksBehaviourSchema, type JwksBehaviour } from './behaviour.ts';

/** The place where an issuer publishes its keys. */
export const jwksKind: PeerKind<JwksBehaviour> = {
  behaviour: jwksBehaviourSchema,
  create: (context, behaviour) => new JwksServer(context, behaviour),
};

class JwksServer implements PeerServer<JwksBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new HttpEndpoint((request, response) => this.#answer(request, response));
  #behaviour: JwksBehaviour;

  constructor(context: PeerContext, behaviour: JwksBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: JwksBehaviour): void {
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#endpoint.close();
  }

  async #answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    const arrival = arrivalOf(request);
    this.#context.record(arrival);
    const { sets, body, status, headers, delayMs } = this.#behaviour;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    request.resume();
    if (delayMs > 0) await pause(delayMs, undefined, { signal: gone.signal });
    const [path = ''] = arrival.path.split('?');
    const keys = sets[path];
    response.statusCode = keys === undefined ? 404 : status;
    response.setHeader('content-type', 'application/jwk-set+json');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(keys === undefined ? '{}' : (body ?? JSON.stringify({ keys })));
  }
}
