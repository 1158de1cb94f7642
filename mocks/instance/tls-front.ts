// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from 'node:async_hooks';
import { constants } from 'node:crypto';
import { Duplex } from 'node:stream';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { isErrno, messageOf } from '../../harness/errors.ts';
import type { ArrivalTls } from '../../harness/probe/exchange.ts';
import { certificateFacts } from '../../harness/probe/tls.ts';
import { secureOptions, type TlsSettings } from './tls-settings.ts';

/** What came of the handshakes of one instance since it serves TLS as it does. */
export interface Handshakes {
  readonly completed: number;
  readonly failed: number;
  /** Why the last ones failed: OpenSSL's code, which names the alert that a client sent, or `ECONNRESET` for one that left. */
  readonly failures: readonly string[];
}

interface Connection {
  readonly serve: (plain: Duplex) => void;
  /** Known once the handshake is over. */
  tls?: ArrivalTls;
}

/** Failed handshakes that are remembered. */
const keptFailures = 50;

/** The connection that the running code answers on: what Node calls back for a connection runs in the context in which it was taken over. */
const connections = new AsyncLocalStorage<Connection>();

/** The TLS of the connection that the calling code answers on; absent on a plain one. */
export function currentTls(): ArrivalTls | undefined {
  return connections.getStore()?.tls;
}

/** TLS in front of a server that knows nothing of it: whatever it speaks, it gets connections whose handshake is done. */
export class TlsFront {
  readonly #server: Server;
  readonly #failures: string[] = [];
  #completed = 0;
  #failed = 0;

  constructor(settings: TlsSettings) {
    const { alpn, clients } = settings;
    this.#server = createServer({
      ...secureOptions(settings),
      // Every connection shows its certificate anew: a resumed session would leave it out.
      secureOptions: constants.SSL_OP_NO_TICKET,
      ...(alpn.length === 0 ? {} : { ALPNProtocols: alpn }),
      requestCert: clients !== undefined,
      rejectUnauthorized: clients?.mode === 'require',
    });
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (error) => this.#onFailure(error));
  }

  /** What came of the handshakes so far. */
  get handshakes(): Handshakes {
    return { completed: this.#completed, failed: this.#failed, failures: [...this.#failures] };
  }

  /** Makes a connection a TLS one and hands on what is in it. A handshake that fails ends the connection. */
  accept(connection: Duplex, serve: (plain: Duplex) => void): void {
    connections.run({ serve }, () => this.#server.emit('connection', connection));
  }

  #onSecure(socket: TLSSocket): void {
    const connection = connections.getStore();
    if (connection === undefined) throw new Error('a TLS connection has lost its context');
    this.#completed += 1;
    connection.tls = describe(socket);
    socket.on('error', () => undefined);
    // Not the socket itself: HTTP/2 would read it below JavaScript, where the context is lost, and would turn it away if it came without ALPN.
    // A connection that breaks is everyday life for a peer; 'close' follows.
    connection.serve(Duplex.from({ readable: socket, writable: socket }).on('error', () => undefined));
  }

  #onFailure(error: Error): void {
    this.#failed += 1;
    this.#failures.push(isErrno(error) && error.code !== undefined ? error.code : messageOf(error));
    if (this.#failures.length > keptFailures) this.#failures.shift();
  }
}

function describe(socket: TLSSocket): ArrivalTls {
  const { servername, alpnProtocol } = socket as TLSSocket & { readonly servername?: string | false };
  const certificate = socket.getPeerX509Certificate();
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().standardName,
    ...(typeof servername === 'string' && servername !== '' ? { sni: servername } : {}),
    ...(typeof alpnProtocol === 'string' ? { alpn: alpnProtocol } : {}),
    ...(certificate === undefined ? {} : { client: { ...certificateFacts(certificate), trusted: socket.authorized } }),
  };
}
