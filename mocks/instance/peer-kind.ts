// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from 'node:stream';
import type { z } from 'zod';
import type { Arrival } from '../../harness/probe/exchange.ts';

/** One kind of peer: what its behaviour may be, and how to serve it. Adding a kind is one folder and one line in `kinds.ts`. */
export interface PeerKind<Behaviour> {
  /** Checks a behaviour that came over the control API; an empty object gives the defaults. */
  readonly behaviour: z.ZodType<Behaviour>;
  /** Makes the server of one instance. It owns no listening socket: the instance's gate hands it connections. */
  create(context: PeerContext, behaviour: Behaviour): PeerServer<Behaviour>;
}

/** What a server is given. */
export interface PeerContext {
  /** The instance's name, for answers and messages. */
  readonly name: string;
  /** To be called for each request before it is answered. */
  readonly record: (arrival: Arrival) => void;
}

/** The server of one instance. */
export interface PeerServer<Behaviour> {
  /** Takes over a connection. */
  accept(connection: Duplex): void;
  /** Behaves like this from the next request on. */
  program(behaviour: Behaviour): void;
  close(): void;
}
