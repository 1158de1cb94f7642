// SPDX-License-Identifier: Apache-2.0
import type { Arrival, ArrivalRecorder, Exchange, ProbeEndpoint, ProbeRequest } from '../../probe/exchange.ts';
import type { Attack } from '../../probe/probe.ts';
import type { ClosableProbe } from '../recorded-probe.ts';

/** What the gateway in memory does with a request: the status it answers with, and whether the backend sees the request. */
export interface Treatment {
  readonly status: number;
  readonly reaches?: boolean;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly body?: string;
  /** No answer, for this reason. */
  readonly error?: NonNullable<Exchange['error']>;
}

/** Where requests of tests go. */
export const fakeEndpoint: ProbeEndpoint = { address: '198.19.240.1', port: 8080 };

/** A gateway, its backend and a client in memory. */
export class FakeGateway implements ArrivalRecorder {
  readonly name = 'echo';
  readonly #arrivals: Arrival[] = [];
  #sent = 0;
  treat: (request: ProbeRequest) => Treatment = () => ({ status: 200, reaches: true });
  /** Runs whenever the backend is asked what arrived. */
  onAsked: () => void = () => undefined;
  /** Clients that were made and not closed. */
  open = 0;

  arrivals(id?: string): Promise<readonly Arrival[]> {
    this.onAsked();
    return Promise.resolve(this.#arrivals.filter((arrival) => id === undefined || arrival.id === id));
  }

  /** Lets a request reach the backend. */
  arrive(id: string, request: ProbeRequest = {}): void {
    const headers = Object.fromEntries(Object.entries(request.headers ?? {}).map(([name, value]) => [name, [value].flat()]));
    this.#arrivals.push({ id, method: request.method ?? 'GET', path: request.path ?? '/', host: request.host ?? '', headers, at: 0 });
  }

  readonly createProbe = (onExchange: (exchange: Exchange) => void): ClosableProbe => {
    this.open += 1;
    const send = (endpoint: ProbeEndpoint, request: ProbeRequest): Promise<Exchange> => {
      const exchange = this.exchange(request, endpoint);
      onExchange(exchange);
      return Promise.resolve(exchange);
    };
    return {
      send,
      attack: (endpoint, request) => attackOf(() => send(endpoint, request)),
      [Symbol.asyncDispose]: () => {
        this.open -= 1;
        return Promise.resolve();
      },
    };
  };

  /** What comes of one request. */
  exchange(request: ProbeRequest = {}, endpoint: ProbeEndpoint = fakeEndpoint): Exchange {
    this.#sent += 1;
    const id = `x${this.#sent}`;
    const { status, reaches = false, headers = {}, body = '', error } = this.treat(request);
    if (reaches) this.arrive(id, request);
    return { id, endpoint, request, sentAt: 0, durationMs: 1, ...(error ? { error } : { response: { status, headers, body } }) };
  }
}

function attackOf(send: () => Promise<Exchange>): Attack {
  const exchanges: Exchange[] = [];
  const until = async (count: number): Promise<void> => {
    for (let sent = 0; sent < count; sent += 1) exchanges.push(await send());
  };
  return { exchanges, until, stop: () => Promise.resolve({ exchanges, missed: 0 }), [Symbol.asyncDispose]: () => Promise.resolve() };
}
