// SPDX-License-Identifier: Apache-2.0
import type { Duration } from '../units.ts';
import type { Exchange, ProbeEndpoint, ProbeRequest } from './exchange.ts';

/** Sends requests, each with an id of its own, and reports every exchange to the recorder it was made with. */
export interface ProbeClient {
  /** Never throws for what the gateway does: a refused connection is an exchange with an `error`. */
  send(endpoint: ProbeEndpoint, request: ProbeRequest): Promise<Exchange>;
  /** Sends the same request over and over, open loop, until stopped; for what must hold while something changes. */
  attack(endpoint: ProbeEndpoint, request: ProbeRequest, options?: AttackOptions): Attack;
}

/** How an attack goes. */
export interface AttackOptions {
  /** Pause between two sendings; 20 ms (50 requests a second) by default. */
  readonly every?: Duration;
  /** Most requests that may be under way at once; 64 by default. Sendings that find no room are counted as `missed`. */
  readonly concurrency?: number;
  /** A connection of its own for each request; `true` for every other request by default, so that both kinds are tried. */
  readonly fresh?: 'always' | 'never' | 'alternate';
}

/** An attack under way. */
export interface Attack extends AsyncDisposable {
  /** What came back so far, in order of sending. */
  readonly exchanges: readonly Exchange[];
  /** Resolves when at least `count` exchanges more have come back, to know that it is going. */
  until(count: number): Promise<void>;
  /** Stops sending and waits for the answers that are out. */
  stop(): Promise<{ readonly exchanges: readonly Exchange[]; readonly missed: number }>;
}
