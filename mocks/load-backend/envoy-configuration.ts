// SPDX-License-Identifier: Apache-2.0

/** Port of the backend, for HTTP/1.1 and for HTTP/2 without TLS. */
export const loadBackendPort = 8080;

/** Bodies by the end of the path, in bytes; any other path gets one of 1 KiB. */
export const payloads = { '/0k': 0, '/4k': 4096, '/16k': 16_384 } as const;

const defaultPayload = 1024;

/** Path that is answered with 200 whatever the others are answered with. */
export const healthPath = '/healthz';

/**
 * The bootstrap configuration: one listener whose routes answer by themselves; with 200, on all addresses and {@link loadBackendPort} unless told
 * otherwise.
 */
export function envoyConfiguration(
  address: object = { socket_address: { address: '0.0.0.0', port_value: loadBackendPort } },
  status = 200,
): object {
  const answer = (bytes: number) => ({
    direct_response: { status, ...(bytes === 0 ? {} : { body: { inline_string: 'x'.repeat(bytes) } }) },
  });
  const sized = Object.entries(payloads).map(([suffix, bytes]) => ({
    match: { safe_regex: { regex: `.*${suffix}` } },
    ...answer(bytes),
  }));
  const healthy = status === 200 ? [] : [{ match: { path: healthPath }, direct_response: { status: 200 } }];
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'load',
    codec_type: 'AUTO',
    generate_request_id: false,
    http_filters: [
      {
        name: 'router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router', suppress_envoy_headers: true },
      },
    ],
    route_config: {
      max_direct_response_body_size_bytes: Math.max(...Object.values(payloads)),
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [...healthy, ...sized, { match: { prefix: '/' }, ...answer(defaultPayload) }] },
      ],
    },
  };
  return {
    static_resources: {
      listeners: [
        {
          name: 'load',
          address,
          filter_chains: [{ filters: [{ name: 'http', typed_config: manager }] }],
        },
      ],
    },
  };
}
