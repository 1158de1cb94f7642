// SPDX-License-Identifier: Apache-2.0

/** A kind of TLS handshake. */
export interface HandshakeKind {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** Behind "TLS connections": `with a whole handshake each`. */
  readonly title: string;
  /** Whether each connection offers the session of the one before it. */
  readonly resumes: boolean;
  /** Whether clients must show a certificate. */
  readonly isMutual: boolean;
  /** The sabotage under which the connections are of another kind, one sentence. */
  readonly otherwise: string;
}

/** Scenario 9 of the performance anchors. A resumed session of a client with a certificate is one without: the certificate is not shown again. */
export const handshakeKinds: readonly HandshakeKind[] = [
  {
    id: 'full',
    title: 'with a whole handshake each',
    resumes: false,
    isMutual: false,
    otherwise: 'The client offers sessions, and the server takes them up',
  },
  {
    id: 'resumed',
    title: 'that resume a session',
    resumes: true,
    isMutual: false,
    otherwise: 'The client throws its sessions away',
  },
  {
    id: 'client-certificate',
    title: 'with a whole handshake and a client certificate each',
    resumes: false,
    isMutual: true,
    otherwise: 'The client offers sessions, and the server takes them up',
  },
];
