// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { arrivalOf } from '../http/arrival.ts';
import { answerByHandlers } from '../http/fetch-endpoint.ts';
import { HttpEndpoint } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { llmBehaviourSchema, type LlmBehaviour } from './behaviour.ts';
import { openAiHandlers } from './openai.ts';

/** A server of language models. */
export const llmKind: PeerKind<LlmBehaviour> = {
  behaviour: llmBehaviourSchema,
  create: (context, behaviour) => new LlmServer(context, behaviour),
};

class LlmServer implements PeerServer<LlmBehaviour> {
  readonly #handlers = openAiHandlers(() => this.#behaviour);
  readonly #endpoint: HttpEndpoint;
  #behaviour: LlmBehaviour;

  constructor({ record }: PeerContext, behaviour: LlmBehaviour) {
    this.#behaviour = behaviour;
    this.#endpoint = new HttpEndpoint((request, response) => {
      record(arrivalOf(request));
      return answerByHandlers(this.#handlers, request, response);
    });
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: LlmBehaviour): void {
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#endpoint.close();
  }
}
