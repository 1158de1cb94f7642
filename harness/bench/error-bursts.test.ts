// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Sending } from '../lifecycle/streams.ts';
import { RequestTally } from './error-bursts.ts';

const sending = (second: number, came: number | string): Sending => ({
  ...{ number: 0, stream: 0, carrier: 0, dueAt: 0, endedAt: 0 },
  sentAt: 5000 + 1000 * second,
  ...(typeof came === 'number' ? { status: came } : { error: came }),
});

it('says when requests failed, seconds next to each other together, and what came instead', () => {
  const tally = new RequestTally(5000);
  tally.add([sending(0.1, 200), sending(70.5, 503), sending(3.2, 503)]);
  tally.add([sending(3.9, 503), sending(4.5, 'ECONNRESET'), sending(6, 200), sending(6.1, 503)]);
  expect([tally.requests, tally.failed, tally.unsent]).toEqual([7, 5, 0]);
  expect(tally.bursts()).toEqual([
    { fromSecond: 3, toSecond: 4, failed: 3, came: { '503': 2, ECONNRESET: 1 } },
    { fromSecond: 6, toSecond: 6, failed: 1, came: { '503': 1 } },
    { fromSecond: 70, toSecond: 70, failed: 1, came: { '503': 1 } },
  ]);
});

it('tells those apart that never left this machine', () => {
  const tally = new RequestTally(5000);
  tally.add([sending(1, 'EMFILE'), sending(1, 503)]);
  expect([tally.failed, tally.unsent]).toEqual([2, 1]);
});
