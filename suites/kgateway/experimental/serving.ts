// SPDX-License-Identifier: Apache-2.0
import { holds, outcome, status } from '../../../harness/check/matchers.ts';
import type { ArrivalRecorder, Exchange } from '../../../harness/probe/exchange.ts';

/** Name of the backend that served a request. */
export async function servingOf(exchange: Exchange, backends: readonly ArrivalRecorder[]): Promise<string> {
  status(exchange, 200);
  for (const backend of backends) if ((await backend.arrivals(exchange.id)).length === 1) return backend.name;
  holds(false, 'an arrival at one of the backends', `${outcome(exchange)}, no arrival`, exchange);
  return '';
}
