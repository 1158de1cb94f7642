// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { downtimeOf } from '../../harness/bench/downtime.ts';
import { scheduleOf } from '../../harness/lifecycle/schedule.ts';
import { carriers, type Sending } from '../../harness/lifecycle/streams.ts';
import { fewestRequests, shares } from './zero-downtime.ts';

it('at least a tenth of requests come over connections of their own, of either protocol', () => {
  const schedule = scheduleOf([{ name: 'allowed', forbidden: false, perSecond: 500, request: {} }], shares);
  const over = Array.from({ length: 1000 }, (_, number) => carriers[schedule.slot(number).carrier] ?? '');
  expect(over.filter((carrier) => carrier.endsWith('fresh')).length).toBeGreaterThanOrEqual(100);
  for (const carrier of carriers) expect(over).toContain(carrier);
});

it('so many requests without a failure leave room for one in ten thousand at most', () => {
  const sendings = Array.from({ length: fewestRequests }, (_, number): Sending => {
    const at = 2 * number;
    return { number, stream: 0, carrier: 0, dueAt: at, sentAt: at, endedAt: at + 1, status: 200 };
  });
  const { mayFail } = downtimeOf({ startedAt: 0, endedAt: 2 * fewestRequests, sendings, missed: 0 });
  expect(mayFail).toBeLessThanOrEqual(1.01e-4);
});
