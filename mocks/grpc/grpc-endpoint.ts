// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import { Server, ServerCredentials, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { manyResets } from '../http/many-resets.ts';
import { healthOf } from './health.ts';
import { grpcService } from './service.ts';

/** Serves gRPC services, and gRPC's health service with them, on connections that it is handed. */
export class GrpcEndpoint {
  readonly #server = new Server();
  readonly #injector;

  constructor(services: Readonly<Record<string, UntypedServiceImplementation>>) {
    // grpc-js hands these to Node's server and has no option for what is missing among them.
    Object.assign(Reflect.get(this.#server, 'commonServerOptions') as object, manyResets);
    for (const [name, implementation] of Object.entries(services)) this.#server.addService(grpcService(name), implementation);
    this.#server.addService(grpcService('grpc.health.v1.Health'), healthOf(Object.keys(services)));
    this.#injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  /** Takes over a connection. */
  accept(connection: Duplex): void {
    connection.allowHalfOpen = false;
    this.#injector.injectConnection(connection);
  }

  /** Ends what is under way; the connections themselves belong to whoever accepted them. */
  close(): void {
    this.#injector.destroy();
    this.#server.forceShutdown();
  }
}
