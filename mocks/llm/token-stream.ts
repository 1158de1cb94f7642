// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import { frameText } from '../../harness/bench/streaming/frame.ts';
import type { LlmBehaviour, StreamFault } from './behaviour.ts';

/** Texts of tokens that are to be written at once, each as an event of its own. */
export type TokenBatch = readonly string[];

/**
 * The tokens of one answer, when they are due: each batch is given at its time.
 *
 * @param startedAt - when the request was read, by {@link performance.now}
 */
export async function* tokens(
  { firstTokenMs, gapMs, frames }: Pick<LlmBehaviour, 'firstTokenMs' | 'gapMs' | 'frames'>,
  fault: StreamFault,
  startedAt: number,
  signal: AbortSignal,
): AsyncGenerator<TokenBatch> {
  const held: string[] = [];
  for (let index = 0; index < frames; index += 1) {
    // From the beginning of the stream, so that a late frame does not make later ones late.
    const waitMs = startedAt + firstTokenMs + index * gapMs - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal });
    const heldMs = performance.now() - startedAt;
    const text = numbersAt(index, frames, fault)
      .map((number) => frameText({ number, heldMs }))
      .join('');
    if (fault === 'buffered') held.push(text);
    else if (text !== '') yield fault === 'split' && index === middleOf(frames) ? [text.slice(0, -2), text.slice(-2)] : [text];
  }
  if (held.length > 0) yield held;
}

const middleOf = (frames: number): number => Math.floor(frames / 2);

/** Which frames are sent when this one is due. */
function numbersAt(index: number, frames: number, fault: StreamFault): readonly number[] {
  const middle = middleOf(frames);
  const isBefore = index === middle - 1;
  if (index !== middle && !isBefore) return [index];
  switch (fault) {
    case 'dropped':
      return isBefore ? [index] : [];
    case 'reordered':
      return [isBefore ? middle : middle - 1];
    case 'merged':
      return isBefore ? [] : [middle - 1, middle];
    default:
      return [index];
  }
}
