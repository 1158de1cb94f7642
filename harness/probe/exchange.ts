// SPDX-License-Identifier: Apache-2.0

/** A request as a check asks for it. */
export interface ProbeRequest {
  /** `GET` by default. */
  readonly method?: string;
  /** `/` by default. */
  readonly path?: string;
  /** Host header, and SNI over TLS unless `tls.serverName` says otherwise. */
  readonly host?: string;
  /** Sent with their names as written here, where the protocol has a case. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** How `body` is written: as text by default, in base64 for bytes that are no text. */
  readonly bodyEncoding?: 'utf8' | 'base64';
  readonly tls?: ProbeTls;
  /**
   * `http/1.1` by default; `h2` over TLS by ALPN, without TLS by prior knowledge; `http/1.0` on a connection of its own, and without a Host field
   * unless `host` is given.
   */
  readonly protocol?: 'http/1.0' | 'http/1.1' | 'h2';
  /** Whose connection the client says it passes on, in front of everything else; on a connection of its own. */
  readonly proxyProtocol?: ProxyHeader;
  /**
   * Asks over HTTP/1.1 to talk by WebSocket, and sends this text. The answer is the 101 with the first message that comes back as its body, or
   * whatever came instead of it.
   */
  readonly webSocket?: string;
  /**
   * Speaks no HTTP at all but bare TCP, under TLS if `tls` is there: a line with the id, then this one. The body of the answer is the first line
   * that comes back; its status is 0.
   */
  readonly tcp?: string;
  /** Over HTTP/1.1: once answered, keeps its own connection and does nothing until the server ends it, which is the end of the exchange. */
  readonly untilClosed?: boolean;
  /** A connection of its own instead of one from the pool. `false` by default. */
  readonly freshConnection?: boolean;
}

/** A header of the PROXY protocol. */
export interface ProxyHeader {
  readonly version: 1 | 2;
  /** Address of the client that is claimed. */
  readonly source: string;
}

/** The client's side of TLS; PEM texts. */
export interface ProbeTls {
  /** Trusted for the server's certificate; the server is not verified if absent. */
  readonly ca?: string;
  /** The client's own certificate and key. */
  readonly certificate?: string;
  readonly key?: string;
  /** For SNI, in place of the Host; none is sent if empty. */
  readonly serverName?: string;
  /** Node's bounds, 1.2 and 1.3, by default. */
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
  /** Offered for TLS 1.2 and older by OpenSSL's names (`ECDHE-ECDSA-AES128-GCM-SHA256`), for TLS 1.3 by theirs (`TLS_AES_128_GCM_SHA256`). */
  readonly ciphers?: readonly string[];
  /** Offered for the exchange of keys: `X25519`, `P-256`. */
  readonly curves?: readonly string[];
  /** Offered by ALPN in place of the request's protocol; nothing if empty. The request is sent over its protocol whatever the server chooses. */
  readonly alpn?: readonly string[];
}

/** A version of TLS by Node's name. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** What the handshake of a connection came to, as the client sees it. Under TLS 1.3 a server may still refuse the client's certificate after it. */
export interface NegotiatedTls {
  readonly protocol: string;
  /** By its IANA name. */
  readonly cipher: string;
  /** Absent if nothing was agreed on. */
  readonly alpn?: string;
  /** Of the exchange of keys, by OpenSSL's name: `X25519`, `prime256v1`. */
  readonly curve?: string;
  readonly server?: CertificateFacts;
}

/** What of a certificate tells whose it is. */
export interface CertificateFacts {
  /** `CN=alice, O=Gauntlet`. */
  readonly subject: string;
  /** `DNS:alice`, `URI:spiffe://...`. */
  readonly sans: readonly string[];
  /** Of the whole certificate: hexadecimal, lower case, no colons. */
  readonly sha256: string;
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
   * counts as refused by the `tls` layer, unless the server had shown before that it accepts the client's certificate. The layer above is `http`,
   * or `tcp` for a request that speaks bare TCP.
   */
  readonly error?: { readonly layer: 'connect' | 'tls' | 'tcp' | 'http'; readonly code: string; readonly message: string };
  /** What the handshake of its connection came to; absent without TLS, and if there was none to the end. */
  readonly tls?: NegotiatedTls;
}

/** An answer as received. */
export interface ProbeResponse {
  /** 0 for bare TCP, which has none. */
  readonly status: number;
  /** Names in lower case; repeated fields joined as received, in order. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** The names of the fields as they were written, in order; over HTTP/1.x, whose names have a case. */
  readonly writtenNames?: readonly string[];
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
  /** The body, from peers that record it. */
  readonly body?: string;
  /** What else the peer was told of the request, from peers that are told more: `{ 'raw-body': 'aGk=' }`. */
  readonly context?: Readonly<Record<string, string>>;
  /** What a rate limit server was asked about. */
  readonly descriptors?: readonly RateLimitDescriptor[];
  /** Milliseconds since the epoch, by the peer's clock. */
  readonly at: number;
  /** Of the connection on which it came, where that had TLS. */
  readonly tls?: ArrivalTls;
}

/** The TLS of a connection as a peer saw it. */
export interface ArrivalTls {
  /** Version: `TLSv1.3`. */
  readonly protocol: string;
  /** Cipher suite by its IANA name. */
  readonly cipher: string;
  /** The name that the client asked for; absent if it asked for none. */
  readonly sni?: string;
  /** What both agreed on; absent if nothing. */
  readonly alpn?: string;
  /** The client's certificate; absent if it showed none. */
  readonly client?: CertificateFacts & {
    /** Whether one of the authorities that the peer knows vouches for it. */
    readonly trusted: boolean;
  };
}

/** One thing that requests are counted by: its entries, in order. */
export type RateLimitDescriptor = readonly { readonly key: string; readonly value: string }[];

/** Anything that can say which requests reached it: each peer is one. */
export interface ArrivalRecorder {
  /** Name in messages: `echo-a`. */
  readonly name: string;
  /** Arrivals of one request id, or all. */
  arrivals(id?: string): Promise<readonly Arrival[]>;
}
