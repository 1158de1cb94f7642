// SPDX-License-Identifier: Apache-2.0
import { writeSync } from 'node:fs';
import type { RunEvent } from '../../run/events.ts';

/** File descriptor on which the command line listens. */
const eventsDescriptor = 3;

/** Hands an event to the command line. Synchronous, so that nothing is lost when this process is killed right after. */
export function emit(event: RunEvent): void {
  write(event);
}

/** Says that the job is done: the one thing that tells a worker that ended from one that crashed. */
export function emitDone(): void {
  write({ type: 'worker-done' });
}

function write(message: object): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(eventsDescriptor, rest));
    } catch (error) {
      // The pipe is full for the moment: the reader is never more than a moment behind.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
