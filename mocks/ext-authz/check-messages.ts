// SPDX-License-Identifier: Apache-2.0
import { status } from '@grpc/grpc-js';
import type { Arrival } from '../../harness/probe/exchange.ts';
import type { ExtAuthzBehaviour } from './behaviour.ts';

/**
 * The part of `envoy.service.auth.v3.CheckRequest` that the server reads, as proto-loader decodes it.
 *
 * @see envoy api/envoy/service/auth/v3/attribute_context.proto
 */
export interface CheckRequest {
  readonly attributes?: {
    readonly request?: {
      readonly http?: {
        readonly method?: string;
        readonly path?: string;
        readonly host?: string;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
        readonly rawBody?: Uint8Array;
      };
    };
    readonly contextExtensions?: Readonly<Record<string, string>>;
    readonly tlsSession?: { readonly sni?: string };
  };
}

interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string };
}

/**
 * `envoy.service.auth.v3.CheckResponse`. Headers leave `append` unset, which means "overwrite" in this message.
 *
 * @see envoy api/envoy/service/auth/v3/external_auth.proto
 */
export interface CheckResponse {
  readonly status: { readonly code: number };
  readonly okResponse?: { readonly headers: readonly HeaderValueOption[]; readonly headersToRemove: readonly string[] };
  readonly deniedResponse?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOption[];
    readonly body: string;
  };
}

/** Under this name an arrival's `context` has a body that came as bytes, in base64; beside it stand the context extensions of the policy. */
export const rawBodyContext = 'raw-body';
/** Under this one, the server name that the client of the request asked for: its `tls` is that of the connection to this server. */
const sniContext = 'tls-sni';

/** The request that is asked about, as an arrival: Envoy sends its headers as a map of lower-case names, repeated ones joined by a comma. */
export function arrivalOf(request: CheckRequest, at: number): Arrival {
  const http = request.attributes?.request?.http ?? {};
  const sni = request.attributes?.tlsSession?.sni;
  const fields = Object.entries(http.headers ?? {}).filter(([name]) => !name.startsWith(':'));
  const headers = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), [value]]));
  const { body, rawBody } = http;
  const context = {
    ...request.attributes?.contextExtensions,
    ...(rawBody === undefined ? {} : { [rawBodyContext]: Buffer.from(rawBody).toString('base64') }),
    ...(sni === undefined ? {} : { [sniContext]: sni }),
  };
  return {
    id: headers['x-gauntlet-id']?.[0] ?? '',
    method: http.method ?? '',
    path: http.path ?? '',
    host: http.host ?? '',
    headers,
    ...(body === undefined ? {} : { body }),
    ...(Object.keys(context).length === 0 ? {} : { context }),
    at,
  };
}

/** The answer that lets the request through. */
export function allowed(behaviour: ExtAuthzBehaviour): CheckResponse {
  return {
    status: { code: status.OK },
    okResponse: { headers: options(behaviour.addHeaders), headersToRemove: behaviour.removeHeaders },
  };
}

/** The answer that denies the request. */
export function denied(behaviour: ExtAuthzBehaviour): CheckResponse {
  return {
    status: { code: status.PERMISSION_DENIED },
    deniedResponse: { status: { code: behaviour.deniedStatus }, headers: options(behaviour.deniedHeaders), body: behaviour.deniedBody },
  };
}

function options(headers: Readonly<Record<string, string>>): readonly HeaderValueOption[] {
  return Object.entries(headers).map(([key, value]) => ({ header: { key, value } }));
}
