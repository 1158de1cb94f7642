// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../probe/exchange.ts';
import type { Attack, ProbeClient } from '../probe/probe.ts';

/** Exchanges kept of one execution; of an attack of minutes the last ones are what a reader wants. */
const keptExchanges = 500;

/** A client that tells of every exchange and can be closed. */
export type ClosableProbe = ProbeClient & AsyncDisposable;

/** Makes the client of one execution: with connections of its own, so that no check meets those of another. */
export type ProbeFactory = (onExchange: (exchange: Exchange) => void) => ClosableProbe;

/** The client of one execution, with what went through it. */
export class RecordedProbe implements AsyncDisposable {
  /** For the check. */
  readonly client: ProbeClient;
  readonly #create: () => ClosableProbe;
  #inner: ClosableProbe;
  readonly #exchanges: Exchange[] = [];
  readonly #attacks = new Set<Attack>();
  #dropped = 0;

  constructor(create: ProbeFactory, onExchange: (exchange: Exchange) => void) {
    this.#create = () =>
      create((exchange) => {
        onExchange(exchange);
        this.#record(exchange);
      });
    this.#inner = this.#create();
    this.client = {
      send: (endpoint, request) => this.#inner.send(endpoint, request),
      attack: (endpoint, request, options) => {
        const client = this.#create();
        return this.#tracked(client.attack(endpoint, request, options), client);
      },
    };
  }

  /** The last exchanges, in the order in which they ended. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** How many came before those. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Attacks that were begun and not stopped. */
  get runningAttacks(): number {
    return this.#attacks.size;
  }

  /**
   * Sends over new connections from now on. A proxy keeps serving the connections that it has with the listener that they came to, for minutes
   * (Envoy drains for up to ten): what is asked again must not be asked of the past only. Attacks go on over their own connections.
   */
  async renewConnections(): Promise<void> {
    const old = this.#inner;
    this.#inner = this.#create();
    await old[Symbol.asyncDispose]();
  }

  /** Stops what still runs and closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#attacks].map((attack) => attack.stop()));
    await this.#inner[Symbol.asyncDispose]();
  }

  #record(exchange: Exchange): void {
    this.#exchanges.push(exchange);
    if (this.#exchanges.length <= keptExchanges) return;
    this.#exchanges.shift();
    this.#dropped += 1;
  }

  #tracked(attack: Attack, client: ClosableProbe): Attack {
    const tracked: Attack = {
      get exchanges() {
        return attack.exchanges;
      },
      until: (count) => attack.until(count),
      stop: async () => {
        this.#attacks.delete(tracked);
        const result = await attack.stop();
        await client[Symbol.asyncDispose]();
        return result;
      },
      [Symbol.asyncDispose]: async () => {
        await tracked.stop();
      },
    };
    this.#attacks.add(tracked);
    return tracked;
  }
}
