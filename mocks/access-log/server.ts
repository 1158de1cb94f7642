// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { z } from 'zod';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { entriesOf, type Identifier, type StreamAccessLogsMessage } from './entries.ts';

const behaviourSchema = z.strictObject({});

/** A sink has nothing to program. */
export type AccessLogBehaviour = z.infer<typeof behaviourSchema>;
/** A sink has nothing to program. */
export type AccessLogProgram = z.input<typeof behaviourSchema>;

/** Envoy's access log service, version 3, over gRPC: records every entry that it is sent. */
export const accessLogKind: PeerKind<AccessLogBehaviour> = {
  behaviour: behaviourSchema,
  create: (context) => new AccessLogServer(context),
};

class AccessLogServer implements PeerServer<AccessLogBehaviour> {
  readonly #context: PeerContext;
  readonly #endpoint = new GrpcEndpoint({
    'envoy.service.accesslog.v3.AccessLogService': {
      streamAccessLogs: (call: ServerReadableStream<StreamAccessLogsMessage, object>, callback: sendUnaryData<object>) => {
        let identifier: Identifier = {};
        call.on('data', (message: StreamAccessLogsMessage) => {
          identifier = message.identifier ?? identifier;
          for (const entry of entriesOf(message, identifier, Date.now())) this.#context.record(entry);
        });
        call.on('error', () => undefined);
        call.on('end', () => callback(null, {}));
      },
    },
  });

  constructor(context: PeerContext) {
    this.#context = context;
  }

  accept(connection: Duplex): void {
    this.#endpoint.accept(connection);
  }

  program(): void {
    // Nothing can be programmed.
  }

  close(): void {
    this.#endpoint.close();
  }
}
