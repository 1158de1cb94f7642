// SPDX-License-Identifier: Apache-2.0
import { buffer, json } from 'node:stream/consumers';
import type { Duplex, Readable } from 'node:stream';
import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { z } from 'zod';
import type { Arrival } from '../../harness/probe/exchange.ts';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.ts';
import { grpcService } from '../grpc/service.ts';
import { HttpEndpoint, type HttpRequest, type HttpResponse } from '../http/http-endpoint.ts';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';
import { logRecordsOf, spansOf, type ExportLogs, type ExportTraces } from './records.ts';

const behaviourSchema = z.strictObject({});

/** A collector has nothing to program. */
export type OtelBehaviour = z.infer<typeof behaviourSchema>;
/** A collector has nothing to program. */
export type OtelProgram = z.input<typeof behaviourSchema>;

/** A collector of spans and log records: OTLP over gRPC, and over HTTP/1.1 as protobuf or JSON. */
export const otelKind: PeerKind<OtelBehaviour> = {
  behaviour: behaviourSchema,
  create: (context) => new OtelServer(context),
};

const traces = 'opentelemetry.proto.collector.trace.v1.TraceService';
const logs = 'opentelemetry.proto.collector.logs.v1.LogsService';

/** What is exported over HTTP, by path. */
const exportsByPath: Readonly<
  Record<string, { readonly service: string; readonly records: (request: never, at: number) => readonly Arrival[] }>
> = {
  '/v1/traces': { service: traces, records: spansOf },
  '/v1/logs': { service: logs, records: logRecordsOf },
};

class OtelServer implements PeerServer<OtelBehaviour> {
  readonly #context: PeerContext;
  readonly #grpc = new GrpcEndpoint({
    [traces]: { export: this.#exported<ExportTraces>((request, at) => spansOf(request, at)) },
    [logs]: { export: this.#exported<ExportLogs>((request, at) => logRecordsOf(request, at)) },
  });
  readonly #http = new HttpEndpoint((request, response) => this.#exportedOverHttp(request, response));

  constructor(context: PeerContext) {
    this.#context = context;
  }

  accept(connection: Duplex): void {
    // HTTP/2 begins with its preface, and only gRPC comes over it.
    connection.once('readable', () => {
      const first = connection.read() as Buffer | null;
      if (first === null) {
        connection.end();
        return;
      }
      connection.unshift(first);
      if (first.subarray(0, 3).toString('latin1') === 'PRI') this.#grpc.accept(connection);
      else this.#http.accept(connection);
    });
  }

  program(): void {
    // Nothing can be programmed.
  }

  close(): void {
    this.#grpc.close();
    this.#http.close();
  }

  #exported<Request>(records: (request: Request, at: number) => readonly Arrival[]) {
    return (call: ServerUnaryCall<Request, object>, callback: sendUnaryData<object>): void => {
      for (const arrival of records(call.request, Date.now())) this.#context.record(arrival);
      callback(null, {});
    };
  }

  async #exportedOverHttp(request: HttpRequest, response: HttpResponse): Promise<void> {
    const exported = exportsByPath[request.url ?? ''];
    if (exported === undefined || request.method !== 'POST') {
      response.statusCode = exported === undefined ? 404 : 405;
      response.end();
      return;
    }
    const isJson = request.headers['content-type']?.startsWith('application/json') === true;
    const { requestDeserialize } = grpcService(exported.service)['Export'] ?? {};
    const body: unknown = isJson ? await json(request as Readable) : requestDeserialize?.(await buffer(request as Readable));
    for (const arrival of exported.records(body as never, Date.now())) this.#context.record(arrival);
    response.setHeader('content-type', isJson ? 'application/json' : 'application/x-protobuf');
    response.end(isJson ? '{}' : '');
  }
}
