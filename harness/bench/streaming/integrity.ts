// SPDX-License-Identifier: Apache-2.0
import type { StreamSeen } from './stream-reader.ts';

/** What was wrong with streams; each is a count of streams, and none of them is wrong for two reasons of one fault. */
export interface Integrity {
  readonly streams: number;
  /** Frames that came, of all streams. */
  readonly frames: number;
  /** No stream at all: another status than 200, an error, no mark of the end, events that cannot be read. */
  readonly failed: number;
  /** A frame is missing, or came twice, in a stream that came to its end. */
  readonly incomplete: number;
  /** A frame came after one that is later. */
  readonly reordered: number;
  /** Frames share an event, or an event has but a part of one. */
  readonly reframed: number;
  /** The first frames were held back until later ones were sent: see {@link isBuffered}. */
  readonly buffered: number;
}

/** Judges streams, each of which should have so many frames. */
export function integrityOf(streams: readonly StreamSeen[], frames: number): Integrity {
  const count = (is: (stream: StreamSeen) => boolean): number => streams.filter(is).length;
  return {
    streams: streams.length,
    frames: streams.reduce((sum, stream) => sum + stream.frames.length, 0),
    failed: count(hasFailed),
    incomplete: count((stream) => !hasFailed(stream) && !isWhole(stream, frames)),
    reordered: count(isReordered),
    reframed: count(({ merged, split }) => merged + split > 0),
    buffered: count(isBuffered),
  };
}

/** Whether the stream did not come, or not to its end. */
export const hasFailed = ({ status, error, ended, garbled }: StreamSeen): boolean =>
  status !== 200 || error !== undefined || !ended || garbled > 0;

function isWhole(stream: StreamSeen, frames: number): boolean {
  const numbers = new Set(stream.frames.map(({ number }) => number));
  return stream.frames.length === frames && numbers.size === frames && [...numbers].every((number) => number < frames);
}

function isReordered({ frames }: StreamSeen): boolean {
  return frames.some(({ number }, index) => number < (frames[index - 1]?.number ?? 0));
}

/** A stream that takes no time cannot be seen to be held back. */
const shortestMs = 20;

/** Whether the frames came within half of the time, or less, in which they were sent: something kept the first ones until it had the last. */
export function isBuffered({ frames }: StreamSeen): boolean {
  const span = (of: 'atMs' | 'heldMs'): number =>
    Math.max(...frames.map((frame) => frame[of])) - Math.min(...frames.map((frame) => frame[of]));
  return frames.length > 1 && span('heldMs') >= shortestMs && span('atMs') <= span('heldMs') / 2;
}
