// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ArrivalRecorder, Exchange } from '../probe/exchange.ts';

/** An arrival at a backend of a request that had been asserted as denied. */
export interface LateArrival {
  readonly exchange: Exchange;
  readonly recorder: string;
}

/**
 * What one execution asserted as denied, and the peers it asked. A denial is not proven by the moment in which the answer came:
 * the request may reach the backend later. So the engine asks again when the check ends.
 */
export class Denials {
  readonly #denied = new Map<ArrivalRecorder, Map<string, Exchange>>();

  /** Remembers an exchange that must never arrive at the recorder. */
  add(exchange: Exchange, recorder: ArrivalRecorder): void {
    this.consulted(recorder).set(exchange.id, exchange);
  }

  /** Remembers that the recorder was asked, for the evidence. */
  consulted(recorder: ArrivalRecorder): Map<string, Exchange> {
    const known = this.#denied.get(recorder);
    if (known) return known;
    const fresh = new Map<string, Exchange>();
    this.#denied.set(recorder, fresh);
    return fresh;
  }

  /** The peers that were asked. */
  get recorders(): readonly ArrivalRecorder[] {
    return [...this.#denied.keys()];
  }

  /** Asks each peer once more, and returns the denied requests that arrived after all. */
  async late(): Promise<readonly LateArrival[]> {
    const found: LateArrival[] = [];
    for (const [recorder, denied] of this.#denied) {
      if (denied.size === 0) continue;
      const arrived = new Set((await recorder.arrivals()).map((arrival) => arrival.id));
      for (const exchange of denied.values()) {
        if (arrived.has(exchange.id)) found.push({ exchange, recorder: recorder.name });
      }
    }
    return found;
  }
}

/** The denials of the execution that the calling code belongs to; absent outside of one. */
export const currentDenials = new AsyncLocalStorage<Denials>();
