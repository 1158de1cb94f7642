// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isErrno } from '../../harness/errors.ts';
import { HttpEndpoint } from '../http/http-endpoint.ts';
import type { Fault } from './fault.ts';
import type { PortSource } from './port-source.ts';
import { throttled } from './throttle.ts';
import { TlsFront, type Handshakes } from './tls-front.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What a gate is opened with. */
export interface GateOptions {
  /** Address to listen on. */
  readonly address: string;
  readonly ports: PortSource;
  /** Takes over a connection on which no fault lies. */
  readonly accept: (connection: Duplex) => void;
}

/** Neither an HTTP/1.1 status line nor an HTTP/2 frame that may come first; long enough for both parsers to decide. */
const malformedAnswer = Buffer.from('\u0000\u0001HTTP/9.9 nonsense\u0000 \r\n\r\n'.padEnd(64, '\u00ff'), 'latin1');
const portsToTry = 200;

/**
 * The listening socket of one instance. Every connection passes it, so a fault means the same for every peer and is real: made by the kernel's
 * own sockets, below whatever the peer speaks.
 */
export class Gate {
  readonly #options: GateOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server;
  #port = 0;
  #fault: Fault = 'none';
  #statusAnswer: HttpEndpoint | undefined;
  #tls: TlsFront | undefined;
  #connections = 0;

  private constructor(options: GateOptions) {
    this.#options = options;
    this.#server = this.#newServer();
  }

  /** Opens a gate on the first free port that the source gives. */
  static async open(options: GateOptions): Promise<Gate> {
    const gate = new Gate(options);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await gate.#listen(options.ports());
        return gate;
      } catch (error) {
        if (!isErrno(error) || error.code !== 'EADDRINUSE' || attempt === portsToTry) throw error;
      }
    }
  }

  get port(): number {
    return this.#port;
  }

  get fault(): Fault {
    return this.#fault;
  }

  /** How many connections were accepted so far, those that met a fault included. */
  get connections(): number {
    return this.#connections;
  }

  /** What came of TLS handshakes; absent if there is no TLS. */
  get handshakes(): Handshakes | undefined {
    return this.#tls?.handshakes;
  }

  /** Serves TLS like this from now on, or not at all. Established connections are cut. */
  setTls(settings: TlsSettings | undefined): void {
    this.#tls = settings && new TlsFront(settings);
    this.#cutConnections();
  }

  /** Puts a fault in place of the present one. Established connections are cut, so that no pooled connection goes round the change. */
  async setFault(fault: Fault): Promise<void> {
    const wasListening = this.#fault !== 'refuse';
    const shallListen = fault !== 'refuse';
    this.#fault = fault;
    this.#statusAnswer?.close();
    this.#statusAnswer = typeof fault === 'object' && 'status' in fault ? answerAll(fault.status) : undefined;
    const closed = wasListening && !shallListen ? this.#stopListening() : undefined;
    this.#cutConnections();
    await closed;
    if (!wasListening && shallListen) {
      this.#server = this.#newServer();
      await this.#listen(this.#port);
    }
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = this.#fault === 'refuse' ? undefined : this.#stopListening();
    this.#cutConnections();
    this.#statusAnswer?.close();
    await closed;
  }

  #newServer(): Server {
    return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#onConnection(socket));
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen({ port, host: this.#options.address });
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
  }

  async #stopListening(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  #cutConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #onConnection(socket: Socket): void {
    this.#connections += 1;
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    // A connection that breaks is everyday life for a peer; 'close' follows.
    socket.on('error', () => undefined);
    this.#serve(socket, this.#fault);
  }

  #serve(socket: Socket, fault: Fault): void {
    if (typeof fault === 'object') {
      if ('slow' in fault) this.#handOn(throttled(socket, fault.slow.bytesPerSecond), this.#options.accept);
      else this.#handOn(socket, (plain) => this.#statusAnswer?.accept(plain));
      return;
    }
    switch (fault) {
      case 'none':
        this.#handOn(socket, this.#options.accept);
        return;
      case 'hang':
        socket.resume();
        return;
      case 'reset':
        socket.once('data', () => socket.resetAndDestroy());
        return;
      case 'half-close':
        socket.once('data', () => socket.end()).resume();
        return;
      case 'malformed':
        socket.once('data', () => socket.end(malformedAnswer)).resume();
        return;
      case 'refuse':
        // Accepted by the kernel just before the listening socket closed.
        socket.resetAndDestroy();
    }
  }

  /** What is to answer lies behind TLS if there is any; the other faults lie in front of it, in the place of a handshake. */
  #handOn(connection: Duplex, serve: (plain: Duplex) => void): void {
    if (this.#tls === undefined) serve(connection);
    else this.#tls.accept(connection, serve);
  }
}

function answerAll(status: number): HttpEndpoint {
  return new HttpEndpoint((_request, response) => {
    response.statusCode = status;
    response.setHeader('content-length', '0');
    response.end();
  });
}
