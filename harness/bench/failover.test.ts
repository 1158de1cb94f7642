// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Sending } from '../lifecycle/streams.ts';
import { failoverOf } from './failover.ts';

const sickness = { struckAt: 1000, healedAt: 9000, mostMs: 5000, status: 203 };
const sending = (sentAt: number, came: number | string, took = 10): Sending => ({
  ...{ number: 0, stream: 0, carrier: 0, dueAt: sentAt, sentAt, endedAt: sentAt + took },
  ...(typeof came === 'number' ? { status: came } : { error: came }),
});
const sound = [sending(100, 200), sending(200, 203), sending(8000, 200), sending(9500, 203), sending(9600, 200)];

it('tells what the sick one cost, for how long, and when it came back', () => {
  const told = failoverOf([...sound, sending(995, 'ECONNRESET'), sending(1500, 504, 1000), sending(2500, 504, 1000)], sickness);
  expect(told).toEqual({
    requests: 8,
    errors: 3,
    came: { '504': 2, ECONNRESET: 1 },
    ejectedMs: 1500,
    failedElsewhere: 0,
    returnedMs: 510,
    shareBefore: 0.5,
    shareAfter: 0,
  });
});

it('a request that fails before, or later than the sick one may cost any, is nobody else’s fault but the gateway’s', () => {
  const told = failoverOf([...sound, sending(500, 503), sending(6001, 504), sending(9550, 503)], sickness);
  expect(told).toMatchObject({ errors: 0, failedElsewhere: 3, ejectedMs: 5001 });
});

it('what does not come back is null', () => {
  expect(failoverOf([sending(100, 200), sending(9500, 200)], sickness)).toMatchObject({ returnedMs: null, ejectedMs: 0, shareAfter: null });
  expect(failoverOf([], sickness)).toMatchObject({ requests: 0, shareBefore: null });
});
