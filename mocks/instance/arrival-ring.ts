// SPDX-License-Identifier: Apache-2.0
import type { Arrival } from '../../harness/probe/exchange.ts';

/** Most that one instance remembers. */
export interface RingLimits {
  readonly arrivals: number;
  /** Approximate size of all that is remembered, in bytes. */
  readonly bytes: number;
}

/** Ten minutes of an attack at 50 requests a second fit by count, at up to 500 bytes of headers each by size. */
export const defaultRingLimits: RingLimits = { arrivals: 30_000, bytes: 16 * 1024 * 1024 };

/** Remembers the latest arrivals in bounded memory and counts what it had to forget, so that nobody takes "forgotten" for "never came". */
export class ArrivalRing {
  readonly #limits: RingLimits;
  readonly #entries: { readonly arrival: Arrival; readonly bytes: number }[] = [];
  #first = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(limits: RingLimits = defaultRingLimits) {
    this.#limits = limits;
  }

  /** How many arrivals were forgotten. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Remembers one arrival, forgetting the oldest where there is no room. */
  add(arrival: Arrival): void {
    const bytes = sizeOf(arrival);
    this.#entries.push({ arrival, bytes });
    this.#bytes += bytes;
    while (this.#first < this.#entries.length && this.#isOverfull()) this.#forgetOldest();
    // What is forgotten takes no memory for long, and moving the rest costs no more than adding it did.
    if (2 * this.#first > this.#entries.length) this.#compact();
  }

  /** What is remembered, oldest first: all, or the arrivals of one request id. */
  list(id?: string): readonly Arrival[] {
    const arrivals = this.#entries.slice(this.#first).map((entry) => entry.arrival);
    return id === undefined ? arrivals : arrivals.filter((arrival) => arrival.id === id);
  }

  /** Forgets everything, also that something was forgotten. */
  clear(): void {
    this.#entries.length = 0;
    this.#first = 0;
    this.#bytes = 0;
    this.#dropped = 0;
  }

  #isOverfull(): boolean {
    return this.#entries.length - this.#first > this.#limits.arrivals || this.#bytes > this.#limits.bytes;
  }

  #forgetOldest(): void {
    this.#bytes -= this.#entries[this.#first]?.bytes ?? 0;
    this.#first += 1;
    this.#dropped += 1;
  }

  #compact(): void {
    this.#entries.splice(0, this.#first);
    this.#first = 0;
  }
}

function sizeOf(arrival: Arrival): number {
  const fixed =
    200 + arrival.id.length + arrival.path.length + arrival.host.length + (arrival.tls ? JSON.stringify(arrival.tls).length : 0);
  return Object.entries(arrival.headers).reduce((sum, [name, values]) => sum + name.length + values.join().length, fixed);
}
