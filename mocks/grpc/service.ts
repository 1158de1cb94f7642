// SPDX-License-Identifier: Apache-2.0
import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader';
import { definitions } from './definitions.ts';

/** Field names in camel case, enums by name, 64-bit numbers as numbers; absent fields stay absent. */
const loaded = fromJSON(definitions, { enums: String, longs: Number });

/** A gRPC service by its full name: `envoy.service.auth.v3.Authorization`. */
export function grpcService(name: string): ServiceDefinition {
  const definition = loaded[name];
  if (definition === undefined || 'format' in definition) throw new Error(`The definitions hold no service ${name}.`);
  return definition;
}
