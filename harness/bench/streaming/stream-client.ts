// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { GauntletError } from '../../errors.ts';
import type { PairedStreams, StreamWindow } from './paired-streams.ts';
import type { ThreadAnswer } from './stream-client-thread.ts';

/** Asks for streams from a thread of its own. */
export interface StreamClient extends AsyncDisposable {
  /**
   * Plays one window, as `playWindow` does; one at a time.
   *
   * @throws GauntletError `GAUNTLET_MACHINE` if requests could not leave this machine.
   */
  play(options: PairedStreams, signal: AbortSignal): Promise<StreamWindow>;
}

/** Starts a client. */
export function startStreamClient(): StreamClient {
  const thread = new Worker(new URL('stream-client-thread.ts', import.meta.url));
  return {
    play: async (options, signal) => {
      // An error of the thread rejects as one that was emitted.
      const answered = once(thread, 'message', { signal });
      thread.postMessage(options);
      const [answer] = (await answered) as [ThreadAnswer];
      if ('window' in answer) return answer.window;
      throw new GauntletError(answer.code, answer.message, { hint: answer.hint });
    },
    [Symbol.asyncDispose]: async () => {
      await thread.terminate();
    },
  };
}
