// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { messageOf } from '../../harness/errors.ts';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { Decisions, extAuthzBehaviourSchema, type ExtAuthzBehaviour } from './behaviour.ts';
import { allowed, arrivalOf, denied, type CheckRequest, type CheckResponse } from './check-messages.ts';

/** Envoy's external authorization service, version 3, over gRPC. */
export const extAuthzKind: PeerKind<ExtAuthzBehaviour> = {
  behaviour: extAuthzBehaviourSchema,
  create: (context, behaviour) => new ExtAuthzServer(context, behaviour),
};

class ExtAuthzServer implements PeerServer<ExtAuthzBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new GrpcEndpoint({
    'envoy.service.auth.v3.Authorization': {
      check: (call: ServerUnaryCall<CheckRequest, CheckResponse>, callback: sendUnaryData<CheckResponse>) => {
        this.#check(call).then(
          (response) => callback(null, response),
          (error: unknown) => callback({ code: status.INTERNAL, details: messageOf(error) }),
        );
      },
    },
  });
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

  async #check(call: ServerUnaryCall<CheckRequest, CheckResponse>): Promise<CheckResponse> {
    const arrival = this.#decisions.marked(arrivalOf(call.request, Date.now()));
    this.#context.record(arrival);
    const { behaviour } = this.#decisions;
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    if (behaviour.delayMs > 0) await pause(behaviour.delayMs, undefined, { signal: gone.signal });
    return this.#decisions.isAllowed(arrival) ? allowed(behaviour) : denied(behaviour);
  }
}
