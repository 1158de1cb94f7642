// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import type { Sending, Sent } from '../lifecycle/streams.ts';
import { downtimeOf } from './downtime.ts';

/** One request each 2 ms, answered after one. */
function sent(came: readonly (number | string)[], rest: Partial<Sent> = {}): Sent {
  const sendings = came.map((what, number): Sending => ({
    number,
    stream: 0,
    carrier: 0,
    dueAt: 2 * number,
    sentAt: 2 * number,
    endedAt: 2 * number + 1,
    ...(typeof what === 'number' ? { status: what } : { error: what }),
  }));
  return { startedAt: 0, endedAt: 2 * came.length, sendings, missed: 0, ...rest };
}
const served = (count: number) => new Array<number | string>(count).fill(200);
const machine: unknown = expect.objectContaining({ code: 'GAUNTLET_MACHINE' });

describe('requests at a fixed rate', () => {
  it('say how many failed, when, for how long, and what came instead', () => {
    const came = [...served(600), 503, 503, 'ECONNRESET', ...served(10), 503, ...served(386)];
    expect(downtimeOf(sent(came))).toMatchObject({
      requests: 1000,
      failed: 4,
      longestMs: 5,
      bySecond: [0, 4],
      came: { '503': 3, ECONNRESET: 1 },
    });
  });

  it('of which none failed say how many may: three in so many', () => {
    expect(downtimeOf(sent(served(30_000))).mayFail * 30_000).toBeCloseTo(3, 1);
    const five = downtimeOf(sent([...served(995), ...new Array<number>(5).fill(503)])).mayFail * 1000;
    // R: qchisq(0.95, 12) / 2
    expect(five).toBeCloseTo(10.513, 1);
  });

  it('that did not leave this machine say nothing of the gateway', () => {
    expect(() => downtimeOf(sent([...served(5000), 'EMFILE']))).toThrow(machine);
    expect(() => downtimeOf(sent(served(1000), { missed: 11 }))).toThrow(machine);
    expect(() => downtimeOf(sent([]))).toThrow(machine);
    expect(downtimeOf(sent(served(1000), { missed: 10 })).failed).toBe(0);
  });
});
