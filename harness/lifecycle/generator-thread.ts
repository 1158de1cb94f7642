// SPDX-License-Identifier: Apache-2.0
// The thread of a generator: nothing else runs in it, so that what it sends is late only when the machine is.
import { parentPort } from 'node:worker_threads';
import { preferThisThread } from '../machine/prefer-thread.ts';
import { startSending, type SendingRun } from './sending-run.ts';
import type { GeneratorSettings, Sending, Sent } from './streams.ts';

/** What the thread says: what has ended since it last spoke, and at the end what is left to say. */
export type ThreadMessage =
  | { readonly type: 'ended'; readonly sendings: readonly Sending[] }
  | { readonly type: 'renewed' }
  | { readonly type: 'stopped'; readonly sent: Omit<Sent, 'sendings'> };

/** What the thread is told. After `stop` it takes the next `start`. */
export type ThreadCommand =
  | { readonly type: 'start'; readonly settings: GeneratorSettings }
  | { readonly type: 'pace'; readonly share: number }
  | { readonly type: 'renew' | 'stop' };

let run: SendingRun | undefined;

preferThisThread();
parentPort?.on('message', (command: ThreadCommand) => void follow(command));

async function follow(command: ThreadCommand): Promise<void> {
  switch (command.type) {
    case 'start':
      run = startSending(command.settings, (sendings) => say({ type: 'ended', sendings }));
      return;
    case 'pace':
      run?.pace(command.share);
      return;
    case 'renew':
      await run?.renew();
      say({ type: 'renewed' });
      return;
    case 'stop':
      if (run !== undefined) say({ type: 'stopped', sent: await run.stop() });
      run = undefined;
  }
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}
