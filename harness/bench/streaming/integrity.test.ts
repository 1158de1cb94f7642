// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrityOf, isBuffered, type Integrity } from './integrity.ts';
import type { FrameSeen, StreamSeen } from './stream-reader.ts';
import { soundStream } from './testing/streams.ts';

const frames = 32;
type Wrong = keyof Omit<Integrity, 'streams' | 'frames'>;
const sound: Readonly<Record<Wrong, number>> = { failed: 0, incomplete: 0, reordered: 0, reframed: 0, buffered: 0 };
const withFrames = (stream: StreamSeen, change: (frames: readonly FrameSeen[]) => readonly FrameSeen[]): StreamSeen => ({
  ...stream,
  frames: change(stream.frames),
});
const swap = (some: readonly FrameSeen[], at: number): readonly FrameSeen[] =>
  some.map((frame, index) => ({ ...frame, number: index === at ? at + 1 : index === at + 1 ? at : frame.number }));

const faults: readonly (readonly [what: string, wrong: Wrong, make: (stream: StreamSeen, at: number) => StreamSeen])[] = [
  ['a dropped frame', 'incomplete', (stream, at) => withFrames(stream, (some) => some.toSpliced(at, 1))],
  ['a frame that came twice', 'incomplete', (stream, at) => withFrames(stream, (some) => some.toSpliced(at, 0, ...some.slice(at, at + 1)))],
  ['two frames in exchanged places', 'reordered', (stream, at) => withFrames(stream, (some) => swap(some, at))],
  ['merged frames', 'reframed', (stream) => ({ ...stream, merged: 2 })],
  ['a split frame', 'reframed', (stream) => ({ ...stream, split: 1 })],
  ['a buffered stream', 'buffered', (stream) => withFrames(stream, (some) => some.map((frame) => ({ ...frame, atMs: 400 })))],
  ['no end', 'failed', (stream) => ({ ...stream, ended: false })],
  ['an answer without frames', 'failed', (stream) => ({ ...stream, frames: [], firstTokenMs: null, ended: false })],
  ['another status', 'failed', (stream) => ({ ...stream, status: 503 })],
  ['a connection that broke', 'failed', (stream) => ({ ...stream, error: 'ECONNRESET' })],
  ['what cannot be read', 'failed', (stream) => ({ ...stream, garbled: 1 })],
];

describe('of 50 streams', () => {
  it.each(faults)('%s is caught in each one that has it, and in no other, and is nothing else', (_what, wrong, make) => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: frames - 2 })), { minLength: 50, maxLength: 50 }), (plan) => {
        const streams = plan.map(([isWrong, at]) => (isWrong ? make(soundStream({ frames }), at) : soundStream({ frames })));
        const seen = integrityOf(streams, frames);
        expect(seen).toMatchObject({ ...sound, streams: 50, [wrong]: plan.filter(([isWrong]) => isWrong).length });
      }),
      { numRuns: 20 },
    );
  });
});

describe('a stream', () => {
  it('is not buffered for being late as a whole, nor for a hiccup', () => {
    expect(isBuffered(soundStream({ addedMs: 500 }))).toBe(false);
    const hiccup = withFrames(soundStream(), (some) => some.map((frame) => ({ ...frame, atMs: Math.max(frame.atMs, 150) })));
    expect(isBuffered(hiccup)).toBe(false);
  });

  it('that takes no time says nothing of being held back', () => {
    expect(isBuffered(soundStream({ gapMs: 0 }))).toBe(false);
    expect(isBuffered(soundStream({ frames: 1 }))).toBe(false);
  });
});
