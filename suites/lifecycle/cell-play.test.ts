// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Generator } from '../../harness/lifecycle/generator.ts';
import { tailMs } from '../../harness/lifecycle/judge.ts';
import { carriers, type Sending, type Stream } from '../../harness/lifecycle/streams.ts';
import { milliseconds, seconds } from '../../harness/units.ts';
import { createPlay, isOpen, Notes, now, type PlayOptions } from './cell-play.ts';
import type { Round } from './rounds.ts';

const streams: readonly Stream[] = [
  { name: 'anonymous', forbidden: true, perSecond: 250, request: {} },
  { name: 'allowed', forbidden: false, perSecond: 50, request: {} },
];

type Came = Pick<Sending, 'status'>;

interface Answers {
  readonly anonymous?: number;
  readonly allowed?: number;
  /** To what is forbidden, over connections that are kept, until they are renewed. */
  readonly outdated?: number;
}

/** A play over requests that are answered at once, in turn over connections that are kept and over new ones. */
function playing({ anonymous = 403, allowed = 200, outdated = anonymous }: Answers, round?: Round) {
  let isRenewed = false;
  const gaveUp = new AbortController();
  const ended: Sending[] = [];
  const send = (): void => {
    const at = now();
    for (const carrier of [carriers.indexOf('http/1.1 kept'), carriers.indexOf('http/1.1 fresh')]) {
      const isOutdated = !isRenewed && carriers[carrier] === 'http/1.1 kept';
      [isOutdated ? outdated : anonymous, allowed].forEach((status, stream) => {
        const came: Came = { status };
        ended.push({ number: ended.length, stream, carrier, dueAt: at, sentAt: at, endedAt: at, ...came });
      });
    }
  };
  const paces: number[] = [];
  const generator: Pick<Generator, 'ended' | 'until' | 'renew' | 'pace'> = {
    ended,
    pace: (share) => void paces.push(share),
    renew: () => Promise.resolve(void (isRenewed = true)),
    until: async (condition, signal) => {
      while (!condition(ended)) {
        signal.throwIfAborted();
        send();
        await new Promise(setImmediate);
      }
    },
  };
  const notes = new Notes();
  const written: string[] = [];
  const play = createPlay({
    context: { signal: gaveUp.signal, budgets: { traffic: seconds(1.2), gateway: milliseconds(150) } },
    resources: {
      writePolicy: () => Promise.resolve(void written.push('policy')),
    },
    generator,
    streams,
    notes,
    recovery: milliseconds(500),
    patience: seconds(1),
    round,
  } as unknown as PlayOptions);
  return { play, notes, written, paces, gaveUp };
}

const nothing = (): Promise<void> => Promise.resolve();

describe.concurrent('an interruption', () => {
  it('ends when service may no longer falter, whether or not it came back', async () => {
    for (const allowed of [200, 503]) {
      const { play, notes } = playing({ allowed });
      await play.interrupt('the server is lost', nothing);
      const before = now();
      await play.restore('the server is back', nothing);
      const [interval] = notes.mayFail;
      expect(interval?.to).toBeGreaterThanOrEqual(before + 500);
      expect(notes.marks.some(({ text }) => text === 'what is allowed is still not served')).toBe(allowed !== 200);
      // What never comes back is watched beyond the end of the interval, where it is an outage.
      if (allowed !== 200) expect(now()).toBeGreaterThan(interval?.to ?? Infinity);
    }
  });

  it('that nothing came before is no interruption, and what restores it is the event', async () => {
    const { play, notes } = playing({});
    await play.restore('the server comes', nothing);
    expect(notes.mayFail).toEqual([]);
    expect(notes.eventAt).toBe(notes.marks[0]?.at);
  });
});

describe.concurrent('a policy', () => {
  it('is armed once it denies and serves, by a part of the rate until then', async () => {
    const { play, notes, paces } = playing({});
    await play.arm('policy and route are written', nothing);
    expect(paces).toEqual([expect.any(Number), 1]);
    expect(paces[0]).toBeLessThan(1);
    await play.arm('again, when what passes counts', nothing);
    expect(paces.slice(2)).toEqual([1]);
    expect(notes.eventAt).toBeUndefined();
    expect(notes.forbiddenFrom).toBeDefined();
    expect(notes.mayFail).toHaveLength(2);
  });

  it('is armed once new connections know it, without those from before', async () => {
    const { play, notes } = playing({ outdated: 200 });
    await play.arm('policy and route are written', nothing);
    expect(notes.marks.at(-1)?.text).toBe('the policy is in force');
  });

  it('that does not come into force is an error if nothing is served, with what came instead', async () => {
    const { play } = playing({ allowed: 503 });
    await expect(play.arm('policy and route are written', nothing)).rejects.toMatchObject({
      code: 'GAUNTLET_TIMEOUT',
      message: expect.stringMatching(/allowed: \d+ x 503/) as string,
    });
  });

  it('that does not come into force is watched if it is open', async () => {
    const { play, notes } = playing({ anonymous: 200 });
    await play.arm('policy and route are written', nothing);
    expect(notes.forbiddenFrom).toBeDefined();
  });

  it('that comes late forbids from its convergence after it was written', async () => {
    const { play, notes, written } = playing({});
    await play.event('the policy is written', () => play.writeLate());
    expect(written).toEqual(['policy']);
    expect((notes.forbiddenFrom ?? 0) - (notes.writtenAt ?? 0)).toBe(2000);
    expect(notes.writtenAt).toBeGreaterThanOrEqual(notes.eventAt ?? Infinity);
  });
});

describe.concurrent('waiting', () => {
  it('for a stream to be served is an error if it is not', async () => {
    await expect(playing({}).play.untilServed('allowed')).resolves.toBeUndefined();
    await expect(playing({}).play.untilServed('anonymous')).rejects.toMatchObject({ code: 'GAUNTLET_TIMEOUT' });
  });

  it('for cells in step ends when the cell is ended', async () => {
    const { play, gaveUp } = playing({}, { meet: () => new Promise(() => undefined), leave: () => undefined });
    const meeting = play.meet();
    gaveUp.abort(new Error('enough'));
    await expect(meeting).rejects.toThrow('enough');
  });

  it('for what does not come is an error', async () => {
    await expect(playing({}).play.until('the proxies', () => Promise.resolve(false))).rejects.toMatchObject({
      code: 'GAUNTLET_TIMEOUT',
      message: 'Waited 150 ms for the proxies',
    });
  });
});

it('a cell is open for as long as the judge would say so, and a while longer', () => {
  const passed = (agoMs: number): Pick<Generator, 'ended'> => {
    const at = now() - agoMs;
    return { ended: [{ number: 0, stream: 0, carrier: 0, dueAt: at, sentAt: at, endedAt: at, status: 200 }] };
  };
  expect(isOpen(passed(0) as Generator, streams)).toBe(true);
  expect(isOpen(passed(tailMs + 100) as Generator, streams)).toBe(true);
  expect(isOpen(passed(10 * tailMs) as Generator, streams)).toBe(false);
});
