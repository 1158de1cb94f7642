// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import type { Sending } from '../lifecycle/streams.ts';
import { denialsOf, isDenied } from './parity.ts';

const sending = (stream: number, came: number | string): Sending => ({
  ...{ number: 0, stream, carrier: 0, dueAt: 0, sentAt: 0, endedAt: 1 },
  ...(typeof came === 'number' ? { status: came } : { error: came }),
});
const sent = (sendings: readonly Sending[], missed = 0) => ({ startedAt: 0, endedAt: 1000, sendings, missed });
const streams = [
  { name: 'jwt', status: 401 },
  { name: 'limit', status: 429, allowance: 2 },
];

it('tells what passed, and what else came in place of the denial', () => {
  const denials = denialsOf(
    sent([sending(0, 401), sending(0, 200), sending(0, 503), sending(0, 'ECONNRESET'), sending(1, 200), sending(1, 204), sending(1, 429)]),
    streams,
  );
  expect(denials).toEqual([
    { name: 'jwt', requests: 4, denied: 1, passed: 1, other: { '503': 1, ECONNRESET: 1 } },
    { name: 'limit', requests: 3, denied: 1, passed: 0, other: {} },
  ]);
  expect(denials.map(isDenied)).toEqual([false, true]);
});

it('who was sent nothing has denied nothing', () => {
  expect(denialsOf(sent([sending(0, 401)]), streams).map(isDenied)).toEqual([true, false]);
});

it('says nothing of a gateway where the machine did not send', () => {
  const machine: unknown = expect.objectContaining({ code: 'GAUNTLET_MACHINE' });
  expect(() => denialsOf(sent([sending(0, 401)], 5), streams)).toThrow(machine);
  expect(() => denialsOf(sent([sending(0, 'EMFILE')]), streams)).toThrow(machine);
});
