// SPDX-License-Identifier: Apache-2.0
import type { Duplex, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Decisions, extAuthzBehaviourSchema, type ExtAuthzBehaviour } from '../ext-authz/behaviour.ts';
import { arrivalOf } from '../http/arrival.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';

/** An external authorization server over HTTP: 200 lets the request through. */
export const extAuthzHttpKind: PeerKind<ExtAuthzBehaviour> = {
  behaviour: extAuthzBehaviourSchema,
  create: (context, behaviour) => new ExtAuthzHttpServer(context, behaviour),
};

class ExtAuthzHttpServer implements PeerServer<ExtAuthzBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new HttpEndpoint((request, response) => this.#check(request, response));
  readonly #decisions: Decisions;

  constructor(context: PeerContext, behaviour: ExtAuthzBehaviour) {
    this.#context = context;
    this.#decisions = new Decisions(behaviour);
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: ExtAuthzBehaviour): void {
    this.#decisions.program(behaviour);
  }

  close(): void {
    this.#endpoint.close();
  }

  async #check(request: HttpRequest, response: HttpResponse): Promise<void> {
    const body = await text(request as Readable);
    const arrival = this.#decisions.marked({ ...arrivalOf(request), ...(body === '' ? {} : { body }) });
    this.#context.record(arrival);
    const { behaviour } = this.#decisions;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    if (behaviour.delayMs > 0) await pause(behaviour.delayMs, undefined, { signal: gone.signal });
    const allowed = this.#decisions.isAllowed(arrival);
    response.statusCode = allowed ? 200 : behaviour.deniedStatus;
    for (const [name, value] of Object.entries(allowed ? behaviour.addHeaders : behaviour.deniedHeaders)) response.setHeader(name, value);
    response.end(allowed ? '' : behaviour.deniedBody);
  }
}
