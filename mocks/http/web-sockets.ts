// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';

/** Takes over connections whose client asked for a WebSocket, and sends every message back. */
export class EchoingWebSockets {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false });

  /** Answers the upgrade; a request that is none for a WebSocket gets a 400. */
  accept(request: IncomingMessage, connection: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (data, binary) => socket.send(data, { binary }));
    });
  }

  /** Ends those that are open. */
  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}
