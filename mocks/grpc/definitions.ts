// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
// Registers the files of google/protobuf with protobufjs.
import '@grpc/proto-loader';
import protobuf from 'protobufjs';

const resolver = createRequire(import.meta.url);
const packageFolder = (name: string): string => dirname(resolver.resolve(`${name}/package.json`));

/** Services that the peers speak, by the file that declares each. */
const files = [
  'envoy/service/accesslog/v3/als.proto',
  'envoy/service/auth/v3/external_auth.proto',
  'envoy/service/ext_proc/v3/external_processor.proto',
  'envoy/service/ratelimit/v3/rls.proto',
  'health/v1/health.proto',
  'otlp-logs.proto',
  'otlp-trace.proto',
];

/**
 * The protocol definitions of the peers, parsed from the files that their owners publish: Envoy's API as the gRPC project packages it for its xDS
 * client, gRPC's health service, and the part of OpenTelemetry's protocol that stands beside its collector. In the peers' bundle this module is replaced by its own value (see `bundle.ts`), for a pod has no such files.
 */
export const definitions: protobuf.INamespace = loadDefinitions();

function loadDefinitions(): protobuf.INamespace {
  const xds = join(packageFolder('@grpc/grpc-js-xds'), 'deps');
  const folders = ['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((folder) => join(xds, folder));
  folders.push(join(packageFolder('grpc-health-check'), 'proto'), join(import.meta.dirname, '../otel/proto'));
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => folders.map((folder) => join(folder, target)).find((path) => existsSync(path)) ?? target;
  return root.loadSync(files).toJSON({ keepComments: false });
}
