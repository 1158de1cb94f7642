// SPDX-License-Identifier: Apache-2.0

/**
 * Content type that calls of gRPC must come with, in place of their own. Envoy answers by itself what comes as gRPC with a status only, and no message;
 * what comes as something else it answers with a body, and its bridge makes that an answer of gRPC, with the status in its trailers.
 */
export const bridgedContentType = 'application/x-gauntlet-load';

const grpcContentType = 'application/grpc';

/** A message as it goes over the wire: not compressed, its length, its bytes. */
export function grpcFrame(bytes: number): Buffer {
  const frame = Buffer.alloc(grpcPrefixBytes + bytes, 'x');
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(bytes, 1);
  return frame;
}

/** Before each message. */
export const grpcPrefixBytes = 5;

/** What is done to each call on its way to the route that answers it, and to the answer on its way back. */
export const bridgeFilters: readonly object[] = [
  {
    name: 'as-grpc',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
      mutations: {
        request_mutations: [
          { append: { header: { key: 'content-type', value: grpcContentType }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' } },
        ],
      },
    },
  },
  {
    name: 'bridge',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.grpc_http1_reverse_bridge.v3.FilterConfig',
      content_type: bridgedContentType,
    },
  },
  {
    // An answer before the end of the question would reset it.
    name: 'whole-calls',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer', max_request_bytes: 65_536 },
  },
];

/** The rest of a route that answers a call with one message. */
export function bridgedAnswer(bytes: number): object {
  return {
    direct_response: { status: 200, body: { inline_bytes: grpcFrame(bytes).toString('base64') } },
    // The bridge refuses answers of any other type than that of the question.
    response_headers_to_add: [{ header: { key: 'content-type', value: bridgedContentType }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' }],
  };
}
