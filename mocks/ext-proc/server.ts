// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { extProcBehaviourSchema, type ExtProcBehaviour } from './behaviour.ts';
import { answerTo, arrivalOf, stageOf, type ProcessingRequest, type ProcessingResponse } from './process-messages.ts';

/** Envoy's external processing service, version 3, over gRPC. */
export const extProcKind: PeerKind<ExtProcBehaviour> = {
  behaviour: extProcBehaviourSchema,
  create: (context, behaviour) => new ExtProcServer(context, behaviour),
};

type ProcessStream = ServerDuplexStream<ProcessingRequest, ProcessingResponse>;

class ExtProcServer implements PeerServer<ExtProcBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new GrpcEndpoint({
    'envoy.service.ext_proc.v3.ExternalProcessor': { process: (stream: ProcessStream) => this.#open(stream) },
  });
  #behaviour: ExtProcBehaviour;

  constructor(context: PeerContext, behaviour: ExtProcBehaviour) {
    this.#context = context;
    this.#behaviour = behaviour;
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(behaviour: ExtProcBehaviour): void {
    this.#behaviour = behaviour;
  }

  close(): void {
    this.#endpoint.close();
  }

  /** One stream is one exchange. Parts are answered in their order, each before the next is looked at. */
  #open(stream: ProcessStream): void {
    const gone = new AbortController();
    stream.once('cancelled', () => gone.abort());
    // A client that resets its stream is everyday life for a peer.
    stream.on('error', () => gone.abort());
    void this.#converse(stream, gone.signal).catch(() => stream.end());
  }

  async #converse(stream: ProcessStream, gone: AbortSignal): Promise<void> {
    let headers: Arrival['headers'] = {};
    for await (const request of stream as AsyncIterable<ProcessingRequest>) {
      const stage = stageOf(request);
      if (request.requestHeaders !== undefined) {
        const arrival = arrivalOf(request.requestHeaders, Date.now());
        headers = arrival.headers;
        this.#context.record(arrival);
      }
      const behaviour = this.#behaviour;
      if (behaviour.delayMs > 0) await pause(behaviour.delayMs, undefined, { signal: gone });
      if (stage === undefined) continue;
      if (behaviour.failure?.at === stage) {
        stream.emit('error', { code: behaviour.failure.code, details: 'programmed to fail' });
        return;
      }
      stream.write(answerTo(stage, behaviour, headers));
    }
    stream.end();
  }
}
