// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Answer } from './answer-watch.ts';
import { propagationOf, settledAt, writeChange } from './propagation.ts';

/** One answer a millisecond, each a millisecond after its question; every fifth over a connection of its own. */
const answersOf = (versions: readonly (string | undefined)[]): readonly Answer[] =>
  versions.map((version, index) => ({
    sentAt: index,
    endedAt: index + 1,
    fresh: index % 5 === 4,
    ...(version === undefined ? { status: 503 } : { status: 200, version }),
  }));
const times = (count: number, version: string | undefined) => new Array<string | undefined>(count).fill(version);
const change = { version: 'new', writtenAt: 0 };

describe('a change', () => {
  it('is there with its first right answer, and settled with the first of fifty', () => {
    const answers = answersOf([...times(30, 'old'), 'new', ...times(4, 'old'), ...times(60, 'new')]);
    expect(propagationOf(answers, { ...change, writtenAt: 10 })).toEqual({
      firstMs: 21,
      settledMs: 26,
      failed: 0,
      wentBack: 0,
      resolutionMs: 1,
    });
  });

  it('is not settled by its first right answer, nor by many over old connections alone', () => {
    expect(settledAt(answersOf(times(49, 'new')), change)).toBeUndefined();
    expect(settledAt(answersOf(times(50, 'new')), change)).toBe(50);
    expect(settledAt(answersOf([...times(49, 'new'), 'old', ...times(49, 'new')]), change)).toBeUndefined();
    const kept = answersOf(times(500, 'new')).map((answer) => ({ ...answer, fresh: false }));
    expect(settledAt(kept, change)).toBeUndefined();
  });

  it('that goes away again is seen, also for a single answer', () => {
    const flap = answersOf([...times(20, 'old'), ...times(300, 'new'), 'old', ...times(60, 'new')]);
    expect(propagationOf(flap, change)).toMatchObject({ firstMs: 21, settledMs: 21, wentBack: 1 });
  });

  it('fails what is not answered with 200, and going wrong is not going back', () => {
    const broken = answersOf([...times(5, 'old'), ...times(3, undefined), ...times(60, 'new'), undefined]);
    expect(propagationOf(broken, change)).toMatchObject({ failed: 4, wentBack: 0, firstMs: 9, settledMs: 9 });
  });

  it('that never comes has no time, and not the time 0', () => {
    expect(propagationOf(answersOf(times(50, 'old')), change)).toMatchObject({ firstMs: null, settledMs: null });
    expect(propagationOf([], change)).toMatchObject({ firstMs: null, settledMs: null });
  });

  it('is timed from before its write: the answers to questions from before say nothing', () => {
    const shared = answersOf([...times(10, 'new'), ...times(10, 'old'), ...times(60, 'new')]);
    expect(propagationOf(shared, { ...change, writtenAt: 10 })).toMatchObject({ firstMs: 11 });
  });

  it('is read in the order of the questions, not of the answers', () => {
    const answers = answersOf([...times(20, 'old'), ...times(60, 'new')]);
    const late = answers.map((answer, index) => (index === 19 ? { ...answer, endedAt: 75 } : answer));
    const byEnd = late.toSorted((a, b) => a.endedAt - b.endedAt);
    expect(propagationOf(byEnd, change)).toMatchObject({ firstMs: 21, settledMs: 21, wentBack: 0 });
  });

  it('has a clock that starts before its write, whatever the API server takes for it', async () => {
    let now = 100;
    const write = (): Promise<void> => Promise.resolve(void (now += 40));
    const { written, acknowledgedMs } = await writeChange('new', write, () => now);
    expect([written, acknowledgedMs]).toEqual([{ version: 'new', writtenAt: 100 }, 40]);
    const answers = answersOf(times(60, 'new')).map((one) => ({ ...one, sentAt: one.sentAt + 110, endedAt: one.endedAt + 110 }));
    expect(propagationOf(answers, written).firstMs).toBe(11);
  });

  it('is not served by the answer of another route or of another run', () => {
    const others = answersOf([...times(60, 'new-of-another'), ...times(60, 'NEW')]);
    expect(propagationOf(others, change)).toMatchObject({ firstMs: null, settledMs: null });
  });

  it('says nothing where questions never left this machine', () => {
    const starved = answersOf(times(60, 'new')).map((one, index) => (index === 30 ? { ...one, status: undefined, error: 'EMFILE' } : one));
    expect(() => propagationOf(starved as readonly Answer[], change)).toThrow(expect.objectContaining({ code: 'GAUNTLET_MACHINE' }));
  });
});
