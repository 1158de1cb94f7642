// SPDX-License-Identifier: Apache-2.0
import type { StreamSeen } from '../stream-reader.ts';

/** A stream as it should be. */
export interface SoundStream {
  readonly frames?: number;
  /** Until the server sends the first frame. */
  readonly heldMs?: number;
  readonly gapMs?: number;
  /** What the way adds to each frame. */
  readonly addedMs?: number;
}

/** A stream that came as it should. */
export function soundStream({ frames = 32, heldMs = 25, gapMs = 10, addedMs = 0.5 }: SoundStream = {}): StreamSeen {
  return {
    status: 200,
    firstEventMs: addedMs,
    firstTokenMs: heldMs + addedMs,
    frames: Array.from({ length: frames }, (_, number) => ({
      number,
      heldMs: heldMs + number * gapMs,
      atMs: heldMs + number * gapMs + addedMs,
    })),
    merged: 0,
    split: 0,
    garbled: 0,
    ended: true,
  };
}

/** An event of chat completions with this text. */
export const chunkOf = (content: string): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
