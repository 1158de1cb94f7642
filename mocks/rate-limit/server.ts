// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { messageOf } from '../../harness/errors.ts';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { rateLimitBehaviourSchema, type RateLimitBehaviour } from './behaviour.ts';
import { Counters } from './counters.ts';
import { arrivalOf, descriptorsOf, headerValues, type RateLimitRequest, type RateLimitResponse } from './messages.ts';

/** Envoy's rate limit service, version 3, over gRPC. */
export const rateLimitKind: PeerKind<RateLimitBehaviour> = {
  behaviour: rateLimitBehaviourSchema,
  create: (context, behaviour) => new RateLimitServer(context, behaviour),
};

class RateLimitServer implements PeerServer<RateLimitBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new GrpcEndpoint({
    'envoy.service.ratelimit.v3.RateLimitService': {
      shouldRateLimit: (call: ServerUnaryCall<RateLimitRequest, RateLimitResponse>, callback: sendUnaryData<RateLimitResponse>) => {
        this.#decide(call).then(
          (response) => callback(null, response),
          (error: unknown) => callback({ code: status.INTERNAL, details: messageOf(error) }),
        );
      },
    },
  });
  #behaviour: RateLimitBehaviour;
  #counters: Counters;

  constructor(context: PeerContext, behaviour: RateLimitBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
    this.#counters = new Counters(behaviour.limits);
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: RateLimitBehaviour): void {
    this.#behaviour = behaviour;
    this.#counters = new Counters(behaviour.limits);
  }

  close(): void {
    this.#endpoint.close();
  }

  async #decide(call: ServerUnaryCall<RateLimitRequest, RateLimitResponse>): Promise<RateLimitResponse> {
    const { request } = call;
    this.#context.record(arrivalOf(request, Date.now()));
    const behaviour = this.#behaviour;
    // Counted before the pause, so that questions that come meanwhile find what was asked before them.
    const statuses = descriptorsOf(request).map((one) =>
      this.#counters.hit(request.domain ?? '', one, Math.max(1, request.hitsAddend ?? 0)),
    );
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    if (behaviour.delayMs > 0) await pause(behaviour.delayMs, undefined, { signal: gone.signal });
    const over = behaviour.always === undefined ? statuses.some(({ code }) => code === 'OVER_LIMIT') : behaviour.always === 'over-limit';
    return {
      overallCode: over ? 'OVER_LIMIT' : 'OK',
      statuses,
      responseHeadersToAdd: headerValues(behaviour.responseHeaders),
      requestHeadersToAdd: headerValues(behaviour.requestHeaders),
    };
  }
}
