// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { printDistributed } from './distributed.ts';

it('says what runners did together, and whether it is to be believed', () => {
  const result = {
    ...{ runners: 3, perSecond: 3000, seconds: 60, requests: 180_000, failed: 2, dropped: 0 },
    ...{ p50: 0.512, p90: 1.2, p99: 4.03, p999: null, max: 12.5, latency: new Map() },
  };
  expect(printDistributed(result)).toBe(
    [
      '3 runners, 3,000 requests a second for 60 s: 180,000 sent, 2 failed, 0 dropped',
      'latency: p50 0.512 ms, p90 1.2 ms, p99 4.03 ms, p99.9 –, max 12.5 ms',
    ].join('\n'),
  );
  expect(printDistributed({ ...result, invalid: 'the runners began 9.0 s apart' })).toMatch(
    /\nsays nothing of the gateway: the runners began/,
  );
});
