// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { judgeCell, type CellRecord } from './judge.ts';
import type { Sending, Stream } from './streams.ts';

const streams: readonly Stream[] = [
  { name: 'anonymous', forbidden: true, perSecond: 100, request: {} },
  { name: 'allowed', forbidden: false, perSecond: 100, request: {} },
];

interface Scene {
  /** Times at which a forbidden request passed. */
  readonly passed?: (at: number) => boolean;
  /** Times at which an allowed request failed. */
  readonly failed?: (at: number) => boolean;
}

/** A watch of four seconds, with a request of each stream every 10 ms, and the event after one second. Times of the scene are since the event. */
function record({ passed = () => false, failed = () => false }: Scene, changes: Partial<CellRecord> = {}): CellRecord {
  const eventAt = 1_000_000;
  const startedAt = eventAt - 1000;
  const endedAt = eventAt + 3000;
  const arrived = new Set<string>();
  const sendings: Sending[] = [];
  for (let at = startedAt; at < endedAt; at += 10) {
    for (const stream of [0, 1]) {
      const number = sendings.length;
      const isForbidden = stream === 0;
      const arrives = isForbidden ? passed(at - eventAt) : !failed(at - eventAt);
      if (arrives) arrived.add(`id-${number}`);
      sendings.push({ number, stream, carrier: 0, dueAt: at, sentAt: at, endedAt: at + 2, status: arrives ? 200 : 403 });
    }
  }
  return {
    streams,
    idPrefix: 'id-',
    sent: { startedAt, endedAt, sendings, missed: 0 },
    arrived,
    eventAt,
    watchedOut: true,
    forbiddenFrom: startedAt,
    allowance: 0,
    mayFail: [],
    marks: [
      { kind: 'step', text: 'policy and route are written', at: startedAt },
      { kind: 'event', text: 'the server is lost', at: eventAt },
    ],
    green: [],
    ...changes,
  };
}

describe('a cell', () => {
  it('held when nothing forbidden arrived and everything allowed was served', () => {
    const result = judgeCell(record({}));
    expect(result).toMatchObject({
      verdict: 'held',
      watch: { fromMs: -1000, toMs: 3000 },
      generator: { sent: 800, missed: 0, longestGapMs: 10 },
    });
    expect(result.leak).toBeUndefined();
    expect(result.outage).toBeUndefined();
    expect(result.detection['50']).toBe(1);
    expect(result.marks).toEqual([
      { atMs: -1000, kind: 'step', text: 'policy and route are written' },
      { atMs: 0, kind: 'event', text: 'the server is lost' },
    ]);
  });

  it('leaked between the first and the last that passed', () => {
    const eventAt = 1_000_000;
    const result = judgeCell(record({ passed: (at) => at >= 100 && at <= 250 }, { green: [{ from: eventAt + 200, to: eventAt + 300 }] }));
    expect(result).toMatchObject({
      verdict: 'leaked',
      leak: {
        requests: 16,
        of: 400,
        spells: [{ fromMs: 100, toMs: 250, requests: 16 }],
        by: { 'anonymous over http/1.1 kept': 16 },
        whileGreen: true,
      },
    });
    expect(result.leak?.examples).toHaveLength(5);
  });

  it('is open when something passes at the end of the longest watch', () => {
    expect(judgeCell(record({ passed: (at) => at >= 100 }))).toMatchObject({
      verdict: 'open',
      leak: { whileGreen: false, spells: [{ toMs: 2990 }] },
    });
    expect(judgeCell(record({ passed: (at) => at >= 100 && at < 2000 })).verdict).toBe('leaked');
    expect(judgeCell(record({ passed: (at) => at >= 100 }, { watchedOut: false })).verdict).toBe('leaked');
  });

  it('does not count what passed before it was forbidden', () => {
    const forbiddenFrom = 1_000_500;
    const late = { forbiddenFrom, writtenAt: 1_000_000 };
    expect(judgeCell(record({ passed: (at) => at < 300 }, late))).toMatchObject({ verdict: 'held', convergedMs: 290 });
    expect(judgeCell(record({ passed: (at) => at < 700 }, late))).toMatchObject({
      verdict: 'leaked',
      leak: { spells: [{ fromMs: 500, toMs: 690 }] },
    });
  });

  it('grants what a rate limit grants', () => {
    expect(judgeCell(record({ passed: (at) => at === 0 || at === 10 }, { allowance: 2 })).verdict).toBe('held');
    expect(judgeCell(record({ passed: (at) => at <= 20 && at >= 0 }, { allowance: 2 }))).toMatchObject({
      leak: { requests: 1, spells: [{ fromMs: 20, toMs: 20 }] },
    });
  });

  it('has no outage before anything is written', () => {
    const failed = (at: number) => at < -500;
    const begun = record({ failed });
    const written = { kind: 'step', text: 'policy and route are written', at: begun.eventAt - 500 } as const;
    const shown = { kind: 'status', text: 'not there', at: begun.eventAt - 900 } as const;
    expect(judgeCell(begun)).toMatchObject({ verdict: 'outage' });
    expect(judgeCell({ ...begun, marks: [shown, written] })).toMatchObject({ verdict: 'held' });
  });

  it('counts what this machine could not send', () => {
    const one = record({});
    const sendings = one.sent.sendings.map((sending, index) =>
      index < 3 ? { ...sending, error: ['EMFILE', 'EADDRNOTAVAIL', 'ECONNREFUSED'][index] ?? '' } : sending,
    );
    expect(judgeCell({ ...one, sent: { ...one.sent, sendings } }).generator.unsent).toBe(2);
    expect(judgeCell(one).generator.unsent).toBeUndefined();
  });

  it('has an outage when what is allowed fails though it must not', () => {
    expect(judgeCell(record({ failed: (at) => at >= 100 && at <= 200 }))).toMatchObject({
      verdict: 'outage',
      outage: { requests: 11, of: 400, spells: [{ fromMs: 100, toMs: 200, requests: 11 }], by: { '403 over http/1.1 kept': 11 } },
    });
  });

  it('may fail to serve while it is interrupted, and says when it was back', () => {
    const mayFail = [{ from: 1_000_000, to: 1_002_000 }];
    const marks = [{ kind: 'restored' as const, text: 'the server is back', at: 1_001_000 }];
    const result = judgeCell(record({ failed: (at) => at >= 0 && at <= 1500 }, { mayFail, marks }));
    expect(result).toMatchObject({ verdict: 'held', recoveredMs: 500 });
    expect(judgeCell(record({ failed: (at) => at >= 0 && at <= 2500 }, { mayFail, marks }))).toMatchObject({ verdict: 'outage' });
  });

  it('is worse for what leaked than for what failed', () => {
    expect(judgeCell(record({ passed: (at) => at === 0, failed: () => true }))).toMatchObject({
      verdict: 'leaked',
      outage: { requests: 400 },
    });
  });

  it('counts requests that no policy is about neither as served nor as failed, and says how long they took', () => {
    const control: Stream = { name: 'control', forbidden: false, control: true, perSecond: 10, request: {} };
    const base = record({});
    const slow = Array.from({ length: 20 }, (_, index): Sending => {
      const at = 1_000_000 + index * 100;
      return {
        number: 10_000 + index,
        stream: 2,
        carrier: 0,
        dueAt: at,
        sentAt: at,
        endedAt: at + (index < 18 ? 4 : 900),
        error: 'timeout',
      };
    });
    const sent = { ...base.sent, sendings: [...base.sent.sendings, ...slow] };
    const result = judgeCell({ ...base, streams: [...streams, control], sent });
    expect(result).toMatchObject({ verdict: 'held', generator: { control95Ms: 900 } });
    expect(result.bins.reduce((sum, bin) => sum + bin.failed + bin.served, 0)).toBe(400);
    expect(judgeCell(base).generator.control95Ms).toBeUndefined();
    // Of an outage it says how long those took that were under way meanwhile.
    const outageAt = (from: number) => {
      const failing = record({ failed: (at) => at >= from && at <= from + 50 });
      const sendings = [...failing.sent.sendings, ...slow];
      return judgeCell({ ...failing, streams: [...streams, control], sent: { ...failing.sent, sendings } }).outage;
    };
    expect(outageAt(2000)?.slowestControlMs).toBe(900);
    expect(outageAt(500)?.slowestControlMs).toBe(4);
    expect(outageAt(2900)?.slowestControlMs).toBeUndefined();
    // Where nobody is there to answer, that is not the machine.
    const mayFail = [{ from: 1_000_000 + 1750, to: 1_000_000 + 2000 }];
    expect(judgeCell({ ...base, streams: [...streams, control], sent, mayFail }).generator.control95Ms).toBe(4);
  });

  it('is watched from the first request on, however late the generator began', () => {
    expect(judgeCell(record({}, { forbiddenFrom: 990_000 }))).toMatchObject({ watch: { fromMs: -1000 }, generator: { longestGapMs: 10 } });
  });

  it('has all requests in its bins', () => {
    const { bins } = judgeCell(record({ passed: (at) => at === 500, failed: (at) => at === 600 }));
    const sum = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((total, bin) => total + of(bin), 0);
    expect([sum((bin) => bin.denied), sum((bin) => bin.passed), sum((bin) => bin.served), sum((bin) => bin.failed)]).toEqual([
      399, 1, 399, 1,
    ]);
    expect(bins.find(({ fromMs }) => fromMs === 500)).toMatchObject({ passed: 1 });
  });
});

it('two openings are not one that lasts', () => {
  const { leak } = judgeCell(record({ passed: (at) => (at >= 0 && at < 50) || (at >= 2000 && at < 2020) || at === 2500 }));
  expect(leak?.spells).toEqual([
    { fromMs: 0, toMs: 40, requests: 5 },
    { fromMs: 2000, toMs: 2010, requests: 2 },
    { fromMs: 2500, toMs: 2500, requests: 1 },
  ]);
});

describe('an opening by force', () => {
  const forced = (at: number) => at >= 0 && at < 50;
  const idsOf = ({ sent, eventAt }: CellRecord, holds: (at: number) => boolean) =>
    new Set(sent.sendings.filter(({ sentAt }) => holds(sentAt - eventAt)).map(({ number }) => `id-${number}`));

  it('is what the server that opened says, of the forbidden requests only', () => {
    const scene = record({ passed: forced });
    const result = judgeCell({ ...scene, letThrough: idsOf(scene, forced) });
    expect(result.letThrough).toEqual({ requests: 5, uncounted: 0 });
    expect(result.leak?.requests).toBe(5);
  });

  it('tells what was let through and is not counted', () => {
    const scene = record({ passed: (at) => forced(at) && at >= 20 });
    expect(judgeCell({ ...scene, letThrough: idsOf(scene, forced) }).letThrough).toEqual({ requests: 5, uncounted: 2 });
    expect(judgeCell(record({})).letThrough).toBeUndefined();
  });
});
