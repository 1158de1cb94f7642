// SPDX-License-Identifier: Apache-2.0
import { duplexPair, Transform, type Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** Pieces a second in which a throttled answer trickles out. */
const piecesPerSecond = 20;

/** The connection as its server shall use it: reads are as fast as they come, writes go out at so many bytes a second. */
export function throttled(connection: Duplex, bytesPerSecond: number): Duplex {
  const [served, wire] = duplexPair();
  const ended = new AbortController();
  const pieceLength = Math.max(1, Math.floor(bytesPerSecond / piecesPerSecond));
  const pauseMs = (pieceLength / bytesPerSecond) * 1000;
  const trickle = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const trickleOut = async (): Promise<void> => {
        for (let start = 0; start < chunk.length; start += pieceLength) {
          this.push(chunk.subarray(start, start + pieceLength));
          await pause(pauseMs, undefined, { signal: ended.signal });
        }
      };
      trickleOut().then(
        () => done(),
        () => done(),
      );
    },
  });
  connection.pipe(wire).pipe(trickle).pipe(connection);
  connection.once('close', () => {
    ended.abort();
    wire.destroy();
    served.destroy();
  });
  served.on('error', () => connection.destroy());
  served.once('close', () => wire.end());
  return served;
}
