// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';
import { collectHeaders } from './headers.ts';
import type { HttpRequest } from './http-endpoint.ts';

/** A request over HTTP, as an arrival. */
export function arrivalOf(request: HttpRequest): Arrival {
  const headers = collectHeaders(request.rawHeaders);
  const authority = 'authority' in request ? request.authority : undefined;
  return {
    id: headers['x-gauntlet-id']?.[0] ?? '',
    method: request.method ?? '',
    path: request.url ?? '',
    host: authority ?? headers['host']?.[0] ?? '',
    headers,
    at: Date.now(),
  };
}
