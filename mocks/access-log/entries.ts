// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';

/**
 * The part of `envoy.service.accesslog.v3.StreamAccessLogsMessage` that the server reads, as proto-loader decodes it.
 *
 * @see envoy api/envoy/service/accesslog/v3/als.proto
 */
export interface StreamAccessLogsMessage {
  readonly identifier?: { readonly logName?: string; readonly node?: { readonly id?: string; readonly cluster?: string } };
  readonly httpLogs?: { readonly logEntry?: readonly HttpAccessLogEntry[] };
  readonly tcpLogs?: { readonly logEntry?: readonly object[] };
}

interface HttpAccessLogEntry {
  readonly request?: {
    readonly requestMethod?: string;
    readonly path?: string;
    readonly authority?: string;
    readonly requestHeaders?: Readonly<Record<string, string>>;
  };
  readonly response?: {
    readonly responseCode?: { readonly value?: number };
    readonly responseCodeDetails?: string;
    readonly responseHeaders?: Readonly<Record<string, string>>;
  };
}

/** Who sends a stream of entries; said in its first message only. */
export type Identifier = NonNullable<StreamAccessLogsMessage['identifier']>;

/**
 * Entries of requests as arrivals: method, path, host and those headers that are logged are the request's; the rest is context, headers of the answer
 * as `response.<name>`. A TCP entry has the method `TCP` and nothing else.
 */
export function entriesOf(
  { httpLogs, tcpLogs }: StreamAccessLogsMessage,
  { logName = '', node = {} }: Identifier,
  at: number,
): readonly Arrival[] {
  const sender = { 'log-name': logName, node: node.id ?? '', cluster: node.cluster ?? '' };
  const ofRequests = (httpLogs?.logEntry ?? []).map(({ request = {}, response = {} }): Arrival => {
    const headers = Object.fromEntries(Object.entries(request.requestHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), [value]]));
    const ofAnswer = Object.entries(response.responseHeaders ?? {}).map(([name, value]) => [`response.${name.toLowerCase()}`, value]);
    return {
      id: headers['x-gauntlet-id']?.[0] ?? '',
      method: request.requestMethod ?? '',
      path: request.path ?? '',
      host: request.authority ?? '',
      headers,
      context: {
        ...sender,
        status: String(response.responseCode?.value ?? ''),
        details: response.responseCodeDetails ?? '',
        ...(Object.fromEntries(ofAnswer) as Record<string, string>),
      },
      at,
    };
  });
  const ofConnections = (tcpLogs?.logEntry ?? []).map((): Arrival => ({
    id: '',
    method: 'TCP',
    path: '',
    host: '',
    headers: {},
    context: sender,
    at,
  }));
  return [...ofRequests, ...ofConnections];
}
