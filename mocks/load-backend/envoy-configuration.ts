// SPDX-License-Identifier: Apache-2.0
import { bridgeFilters, bridgedAnswer } from './grpc-answers.ts';

/** Port of the backend, for HTTP/1.1 and for HTTP/2 without TLS. */
export const loadBackendPort = 8080;

/** Port of a backend with TLS of its own, which is only asked without a gateway. */
export const loadBackendTlsPort = 8443;

/** Bodies by the end of the path, in bytes; any other path gets one of 1 KiB. */
export const payloads = { '/0k': 0, '/4k': 4096, '/16k': 16_384 } as const;

/** Bytes of the body of any other path. */
export const defaultPayload = 1024;

/** Path that is answered with 200 whatever the others are answered with. */
export const healthPath = '/healthz';

/** TLS of the backend's own; PEM texts. */
export interface LoadBackendTls {
  readonly identity: { readonly certificate: string; readonly key: string };
  /** Clients must show a certificate of this authority; they need none if it is absent. */
  readonly clientAuthority?: string;
}

/** What a backend for load listens to, and what it says. */
export interface LoadBackendConfiguration {
  /** Of the listener without TLS: all addresses and {@link loadBackendPort} by default. */
  readonly address?: object;
  /** Of the listener with TLS: all addresses and {@link loadBackendTlsPort} by default. */
  readonly tlsAddress?: object;
  /** Status of its answers; 200 by default. */
  readonly status?: number;
  /** A second listener with TLS; none by default. */
  readonly tls?: LoadBackendTls;
  /** Answers are messages of gRPC, of as many bytes; see `grpc-answers.ts` for what calls must look like. `http` by default. */
  readonly answers?: 'http' | 'grpc';
}

const onPort = (port: number) => ({ socket_address: { address: '0.0.0.0', port_value: port } });

/** The bootstrap configuration: listeners whose routes answer by themselves. */
export function envoyConfiguration({
  address = onPort(loadBackendPort),
  tlsAddress = onPort(loadBackendTlsPort),
  status = 200,
  tls,
  answers = 'http',
}: LoadBackendConfiguration = {}): object {
  const isBridged = answers === 'grpc';
  const answer = (bytes: number) =>
    isBridged
      ? bridgedAnswer(bytes)
      : { direct_response: { status, ...(bytes === 0 ? {} : { body: { inline_string: 'x'.repeat(bytes) } }) } };
  const sized = Object.entries(payloads).map(([suffix, bytes]) => ({
    match: { safe_regex: { regex: `.*${suffix}` } },
    ...answer(bytes),
  }));
  const healthy = status === 200 && !isBridged ? [] : [{ match: { path: healthPath }, direct_response: { status: 200 } }];
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'load',
    codec_type: 'AUTO',
    generate_request_id: false,
    // A client that waits for the end of the connection would wait a second for each.
    delayed_close_timeout: '0s',
    http_filters: [
      ...(isBridged ? bridgeFilters : []),
      {
        name: 'router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router', suppress_envoy_headers: true },
      },
    ],
    route_config: {
      // The largest message of gRPC has a prefix too.
      max_direct_response_body_size_bytes: 2 * Math.max(...Object.values(payloads)),
      virtual_hosts: [
        { name: 'all', domains: ['*'], routes: [...healthy, ...sized, { match: { prefix: '/' }, ...answer(defaultPayload) }] },
      ],
    },
  };
  const filters = [{ name: 'http', typed_config: manager }];
  return {
    static_resources: {
      listeners: [
        { name: 'load', address, filter_chains: [{ filters }] },
        ...(tls === undefined
          ? []
          : [{ name: 'load-tls', address: tlsAddress, filter_chains: [{ filters, transport_socket: serverTls(tls) }] }]),
      ],
    },
  };
}

function serverTls({ identity, clientAuthority }: LoadBackendTls): object {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      require_client_certificate: clientAuthority !== undefined,
      common_tls_context: {
        alpn_protocols: ['h2', 'http/1.1'],
        tls_certificates: [{ certificate_chain: { inline_string: identity.certificate }, private_key: { inline_string: identity.key } }],
        ...(clientAuthority === undefined ? {} : { validation_context: { trusted_ca: { inline_string: clientAuthority } } }),
      },
    },
  };
}
