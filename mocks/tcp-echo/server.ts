// SPDX-License-Identifier: Apache-2.0
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { PeerContext, PeerKind, PeerServer } from '../instance/peer-kind.ts';

/** How a TCP echo behaves: there is one way. */
export const tcpEchoBehaviourSchema = z.strictObject({});
/** How a TCP echo is programmed. */
export type TcpEchoProgram = z.input<typeof tcpEchoBehaviourSchema>;

/** Bare TCP: says each line back, with its own name in front. A line `x-gauntlet-id: <id>` is not said back but recorded as an arrival. */
export const tcpEchoKind: PeerKind<TcpEchoProgram> = {
  behaviour: tcpEchoBehaviourSchema,
  create: (context) => new TcpEchoServer(context),
};

const idLine = /^x-gauntlet-id: (\S+)$/;
/** Longest line that is waited for, in characters. */
const longestLine = 64 * 1024;

class TcpEchoServer implements PeerServer<TcpEchoProgram> {
  readonly #context: PeerContext;
  readonly #connections = new Set<Duplex>();

  constructor(context: PeerContext) {
    this.#context = context;
  }

  accept(connection: Duplex): void {
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    let length = 0;
    connection.on('data', (chunk: Buffer) => {
      length = chunk.includes(10) ? 0 : length + chunk.length;
      if (length > longestLine) connection.destroy();
    });
    const lines = createInterface({ input: connection, crlfDelay: Infinity });
    lines.on('line', (line) => this.#answer(connection, line));
    // A connection that breaks is everyday life for a peer; 'close' follows.
    lines.on('error', () => undefined);
    lines.once('close', () => connection.end());
  }

  program(): void {
    // There is nothing to change.
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #answer(connection: Duplex, line: string): void {
    const id = idLine.exec(line)?.[1];
    if (id === undefined) connection.write(`${this.#context.name}: ${line}\n`);
    else this.#context.record({ id, method: 'TCP', path: '', host: '', headers: {}, at: Date.now() });
  }
}
