// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameText, framesIn } from './frame.ts';
import { chatCompletions } from './provider.ts';
import { StreamReader } from './stream-reader.ts';
import { chunkOf } from './testing/streams.ts';

const end = 'data: [DONE]\n\n';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const frame = (number: number): string => frameText({ number, heldMs: number * 10 });

function read(...parts: readonly (readonly [text: string, atMs: number])[]) {
  const reader = new StreamReader(chatCompletions);
  for (const [text, atMs] of parts) reader.feed(bytes(text), atMs);
  return reader.end({ status: 200 });
}

describe('a frame', () => {
  it('is read as it was written, to the microsecond', () => {
    fc.assert(
      fc.property(fc.nat({ max: 100_000 }), fc.nat({ max: 1e9 }), (number, heldUs) => {
        expect(framesIn(frameText({ number, heldMs: heldUs / 1000 }))).toEqual([{ number, heldMs: heldUs / 1000 }]);
      }),
    );
  });

  it.each(['', '1:2', '1 ', 'a:b ', '1:2 3'])('is not %j', (text) => {
    expect(framesIn(text)).toBeUndefined();
  });
});

describe('a stream', () => {
  it('is the same however its bytes are cut', () => {
    const whole = bytes(`${chunkOf('')}: Grüße\n\n${[0, 1, 2, 3].map((number) => chunkOf(frame(number))).join('')}${end}`);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length }), { maxLength: 20 }), (cuts) => {
        const reader = new StreamReader(chatCompletions);
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        bounds.slice(1).forEach((to, index) => reader.feed(whole.subarray(bounds[index], to), index));
        const seen = reader.end({ status: 200 });
        expect(seen.frames.map(({ number }) => number)).toEqual([0, 1, 2, 3]);
        expect(seen).toMatchObject({ merged: 0, split: 0, garbled: 0, ended: true });
      }),
    );
  });

  it('has its first token with the first text, and not with an empty chunk before it', () => {
    expect(read([chunkOf(''), 1], [chunkOf(frame(0)), 26], [end, 27])).toMatchObject({ firstEventMs: 1, firstTokenMs: 26 });
  });

  it('has neither if only its header came', () => {
    expect(read()).toMatchObject({ firstEventMs: null, firstTokenMs: null, ended: false, frames: [] });
  });

  it('has the time of each frame', () => {
    const { frames } = read([chunkOf(frame(0)), 5], [chunkOf(frame(1)), 15.5]);
    expect(frames).toEqual([
      { number: 0, heldMs: 0, atMs: 5 },
      { number: 1, heldMs: 10, atMs: 15.5 },
    ]);
  });

  it('tells frames that share an event from frames that share a packet', () => {
    expect(read([chunkOf(frame(0)) + chunkOf(frame(1)), 1])).toMatchObject({ merged: 0 });
    expect(read([chunkOf(frame(0) + frame(1)), 1])).toMatchObject({ merged: 2, frames: [{ number: 0 }, { number: 1 }] });
  });

  it('puts a frame together that came in several events', () => {
    expect(read([chunkOf('1:'), 1], [chunkOf('2000 '), 2])).toMatchObject({ split: 1, frames: [{ number: 1, heldMs: 2, atMs: 2 }] });
  });

  it.each([
    ['what is no JSON', 'data: <html>\n\n'],
    ['another provider’s event', 'data: {"type":"ping"}\n\n'],
    ['a text that is no frame', chunkOf('Hello')],
    ['what is no event', '<html></html>\n'],
  ])('counts %s', (_what, text) => {
    expect(read([text, 1])).toMatchObject({ garbled: 1 });
  });
});
