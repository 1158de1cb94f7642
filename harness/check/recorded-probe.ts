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
  readonly #inner: ClosableProbe;
  readonly #exchanges: Exchange[] = [];
  readonly #attacks = new Set<Attack>();
  #dropped = 0;

  constructor(create: ProbeFactory, onExchange: (exchange: Exchange) => void) {
    this.#inner = create((exchange) => {
      onExchange(exchange);
      this.#record(exchange);
    });
    this.client = {
      send: (endpoint, request) => this.#inner.send(endpoint, request),
      attack: (endpoint, request, options) => this.#tracked(this.#inner.attack(endpoint, request, options)),
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

  #tracked(attack: Attack): Attack {
    const stop: Attack['stop'] = () => {
      this.#attacks.delete(attack);
      return attack.stop();
    };
    this.#attacks.add(attack);
    return {
      get exchanges() {
        return attack.exchanges;
      },
      until: (count) => attack.until(count),
      stop,
      [Symbol.asyncDispose]: async () => {
        await stop();
      },
    };
  }
}
