// SPDX-License-Identifier: Apache-2.0

/** A request as a check asks for it. */
export interface ProbeRequest {
  /** `GET` by default. */
  readonly method?: string;
  /** `/` by default. */
  readonly path?: string;
  /** Host header, and SNI over TLS unless `tls.serverName` says otherwise. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  readonly tls?: ProbeTls;
  /** `http/1.1` by default; `h2` over TLS by ALPN, without TLS by prior knowledge. */
  readonly protocol?: 'http/1.1' | 'h2';
  /** A connection of its own instead of one from the pool. `false` by default. */
  readonly freshConnection?: boolean;
}

/** The client's side of TLS; PEM texts. */
export interface ProbeTls {
  /** Trusted for the server's certificate; the server is not verified if absent. */
  readonly ca?: string;
  /** The client's own certificate and key. */
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** Where a request goes: a load balancer's address and a port. */
export interface ProbeEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What came of one request: an answer, or the error that stood in its place. */
export interface Exchange {
  /** Unique id, sent as `x-gauntlet-id`; the peers record it, so that arrivals can be counted. */
  readonly id: string;
  readonly endpoint: ProbeEndpoint;
  readonly request: ProbeRequest;
  /** Time of sending, milliseconds since the epoch. */
  readonly sentAt: number;
  readonly durationMs: number;
  /** Absent when no answer came. */
  readonly response?: ProbeResponse;
  /**
   * Why no answer came, or no whole one: the layer that refused, and its code. `ECONNREFUSED` and the like from the system; `closed` for an
   * orderly end; `timeout`; the name of a TLS alert (`certificate_required`) or of an HTTP/2 error (`REFUSED_STREAM`); Node's code for a
   * certificate that the client does not accept or an answer that is no HTTP. A TLS 1.3 connection that ends in the place of its first answer
   * counts as refused by the `tls` layer, unless the server had shown before that it accepts the client's certificate.
   */
  readonly error?: { readonly layer: 'connect' | 'tls' | 'http'; readonly code: string; readonly message: string };
}

/** An answer as received. */
export interface ProbeResponse {
  readonly status: number;
  /** Names in lower case; repeated fields joined as received, in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** At most 64 KiB of it. */
  readonly body: string;
}

/** One request as a peer saw it. */
export interface Arrival {
  /** Value of `x-gauntlet-id`. */
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Milliseconds since the epoch, by the peer's clock. */
  readonly at: number;
  /** Client certificate, SNI, ALPN and protocol where the connection had TLS. */
  readonly tls?: Readonly<Record<string, string>>;
}

/** Anything that can say which requests reached it: each peer is one. */
export interface ArrivalRecorder {
  /** Name in messages: `echo-a`. */
  readonly name: string;
  /** Arrivals of one request id, or all. */
  arrivals(id?: string): Promise<readonly Arrival[]>;
}
