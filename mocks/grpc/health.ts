// SPDX-License-Identifier: Apache-2.0
import { status, type sendUnaryData, type ServerUnaryCall, type UntypedServiceImplementation } from '@grpc/grpc-js';

/** gRPC's health service for a server that serves whatever it has; `Watch` is left out, which the protocol allows. */
export function healthOf(services: readonly string[]): UntypedServiceImplementation {
  const known = new Set(['', ...services]);
  return {
    check(call: ServerUnaryCall<{ service?: string }, object>, callback: sendUnaryData<object>): void {
      const service = call.request.service ?? '';
      if (known.has(service)) callback(null, { status: 'SERVING' });
      else callback({ code: status.NOT_FOUND, details: `unknown service ${service}` });
    },
  };
}
