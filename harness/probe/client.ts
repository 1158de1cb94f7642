// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Duration } from '../units.ts';
import { startAttack } from './attack.ts';
import { bodyOf, idHeader, type Call } from './call.ts';
import type { Exchange, ProbeEndpoint, ProbeRequest, ProbeResponse } from './exchange.ts';
import { describeFailure, WireFailure } from './failure.ts';
import { createHttp1 } from './http1.ts';
import { createHttp2 } from './http2.ts';
import { createHttp10 } from './http10.ts';
import type { ProbeClient } from './probe.ts';
import { createTcp } from './tcp.ts';
import { createWebSocket } from './web-socket.ts';

/** What {@link createProbe} is made with. */
export interface ProbeOptions {
  /** For one exchange, from the connection to the end of the answer. */
  readonly timeout: Duration;
  /** Told of every exchange when it is over. */
  readonly onExchange?: (exchange: Exchange) => void;
  /** Makes the ids; random UUIDs by default. */
  readonly newId?: () => string;
  /** Milliseconds since the epoch; the machine's clock by default. */
  readonly clock?: () => number;
}

/**
 * A client with connections of its own. It rejects only for a request that cannot be sent at all (a header value with a line break, a key that
 * is no PEM): that is a mistake of whoever asked for it. Disposing it closes its connections.
 */
export function createProbe(options: ProbeOptions): ProbeClient & AsyncDisposable {
  const { timeout, onExchange, newId = randomUUID, clock = () => performance.timeOrigin + performance.now() } = options;
  const transports = {
    'http/1.0': createHttp10(),
    'http/1.1': createHttp1(),
    h2: createHttp2(),
    tcp: createTcp(),
    webSocket: createWebSocket(),
  };

  const send = async (endpoint: ProbeEndpoint, request: ProbeRequest): Promise<Exchange> => {
    const id = newId();
    const expiry = new AbortController();
    const timer = setTimeout(() => expiry.abort(), timeout.ms);
    const call: Call = { id, endpoint, request, fields: fieldsOf(request, id), signal: expiry.signal, trail: { stage: 'connect' } };
    const sentAt = clock();
    let outcome: { response: ProbeResponse } | { error: NonNullable<Exchange['error']> };
    try {
      outcome = { response: await transports[transportOf(request)].send(call) };
    } catch (error) {
      if (!(error instanceof WireFailure)) throw error;
      outcome = { error: describeFailure(error.cause, call.trail, expiry.signal.aborted, timeout) };
      if (request.tcp !== undefined && outcome.error.layer === 'http') outcome = { error: { ...outcome.error, layer: 'tcp' } };
    } finally {
      clearTimeout(timer);
    }
    const exchange: Exchange = {
      id,
      endpoint,
      request,
      sentAt,
      durationMs: clock() - sentAt,
      ...outcome,
      ...(call.trail.tls === undefined ? {} : { tls: call.trail.tls }),
    };
    onExchange?.(exchange);
    return exchange;
  };

  return {
    send,
    attack: (endpoint, request, attackOptions) =>
      startAttack((freshConnection) => send(endpoint, { ...request, freshConnection }), attackOptions),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(Object.values(transports).map((transport) => transport[Symbol.asyncDispose]()));
    },
  };
}

function transportOf({ protocol = 'http/1.1', tcp, webSocket }: ProbeRequest): 'http/1.0' | 'http/1.1' | 'h2' | 'tcp' | 'webSocket' {
  if (tcp !== undefined) return 'tcp';
  return webSocket === undefined ? protocol : 'webSocket';
}

/** Header fields besides Host; the caller's own win over the client's. */
function fieldsOf(request: ProbeRequest, id: string): [string, string][] {
  const asked = Object.entries(request.headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const names = new Set(asked.map(([name]) => name.toLowerCase()));
  const hasBody = request.body !== undefined || ['POST', 'PUT', 'PATCH'].includes(request.method ?? 'GET');
  const own: [string, string][] = [
    ['user-agent', 'gauntlet'],
    ['accept', '*/*'],
    ...(hasBody ? [['content-length', String(bodyOf(request)?.length ?? 0)] satisfies [string, string]] : []),
  ];
  const framed = names.has('transfer-encoding') ? own.filter(([name]) => name !== 'content-length') : own;
  return [[idHeader, id], ...framed.filter(([name]) => !names.has(name)), ...asked];
}
