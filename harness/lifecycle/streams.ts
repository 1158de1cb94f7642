// SPDX-License-Identifier: Apache-2.0
import type { ProbeEndpoint, ProbeTls } from '../probe/exchange.ts';

/** How requests travel: over a connection that stays, or one of their own. */
export const carriers = ['http/1.1 kept', 'http/1.1 fresh', 'h2 kept', 'h2 fresh'] as const;

/** One of {@link carriers}. */
export type Carrier = (typeof carriers)[number];

/** Requests of one kind, sent at a constant rate over every carrier in turn. */
export interface Stream {
  /** `anonymous`, `wrong`, `allowed`. */
  readonly name: string;
  /** Whether the policy forbids them; one of these at the backend is a leak. The others show whether the gateway serves at all. */
  readonly forbidden: boolean;
  /** Goes where no policy is: how long these take tells a machine that is too busy from a gateway that does not serve. `false` by default. */
  readonly control?: boolean;
  readonly perSecond: number;
  readonly request: StreamRequest;
}

/** What is sent, again and again; each time with an id of its own. */
export interface StreamRequest {
  /** The host of the settings by default. */
  readonly host?: string;
  /** `GET` by default. */
  readonly method?: string;
  /** `/` by default. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** TLS with this client's side; plain text if absent. */
  readonly tls?: ProbeTls;
}

/** What a generator is started with. Plain data: it crosses into a thread. */
export interface GeneratorSettings {
  readonly endpoint: ProbeEndpoint;
  readonly host: string;
  readonly streams: readonly Stream[];
  /** Of so many requests of a stream, how many go over each carrier. */
  readonly shares: Readonly<Record<Carrier, number>>;
  /** Begins every id; the rest is the number of the sending. */
  readonly idPrefix: string;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  /** Requests under way at once; a slot that finds no room is missed. */
  readonly mostInFlight: number;
}

/** One request that was sent. Times are milliseconds since the epoch, with fractions. */
export interface Sending {
  /** Counts from 0; the id is the prefix and this number. */
  readonly number: number;
  /** Index of its stream. */
  readonly stream: number;
  /** Index in {@link carriers}. */
  readonly carrier: number;
  /** When its slot was. */
  readonly dueAt: number;
  readonly sentAt: number;
  readonly endedAt: number;
  /** Of the answer; absent if none came. */
  readonly status?: number;
  /** Why none came: an error code of the system, `timeout`, `closed`, `refused` by an HTTP/2 server that did nothing with it. */
  readonly error?: string;
}

/** Errors by which this machine says that it has no room for another connection. */
const ownErrors: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS', 'ENOMEM']);

/** Whether an error says nothing of the gateway, since the request never left this machine. */
export const isOfThisMachine = (error: string | undefined): boolean => ownErrors.has(error);

/** Everything that a generator did. */
export interface Sent {
  readonly startedAt: number;
  readonly endedAt: number;
  /** In the order of sending. */
  readonly sendings: readonly Sending[];
  /** Slots of forbidden and allowed streams that were not sent: no room, or this process was busy. */
  readonly missed: number;
}
