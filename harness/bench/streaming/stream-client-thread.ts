// SPDX-License-Identifier: Apache-2.0
// The thread of a client of streams: nothing else runs in it, so that its times are late only when the machine is.
import { parentPort } from 'node:worker_threads';
import { asGauntletError, type ErrorCode } from '../../errors.ts';
import { preferThisThread } from '../../machine/prefer-thread.ts';
import { playWindow, type PairedStreams, type StreamWindow } from './paired-streams.ts';

/** What came of a window that the thread was told to play. */
export type ThreadAnswer =
  { readonly window: StreamWindow } | { readonly code: ErrorCode; readonly message: string; readonly hint: string };

preferThisThread();
parentPort?.on('message', (options: PairedStreams) => void play(options).then((answer) => parentPort?.postMessage(answer)));

async function play(options: PairedStreams): Promise<ThreadAnswer> {
  try {
    return { window: await playWindow(options, new AbortController().signal) };
  } catch (error) {
    const { code, message, hint } = asGauntletError(error);
    return { code, message, hint };
  }
}
