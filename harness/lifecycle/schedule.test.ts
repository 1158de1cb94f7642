// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { scheduleOf } from './schedule.ts';
import type { Stream } from './streams.ts';

const stream = (name: string, perSecond: number): Stream => ({ name, forbidden: true, perSecond, request: {} });
const shares = { 'http/1.1 kept': 10, 'http/1.1 fresh': 3, 'h2 kept': 6, 'h2 fresh': 1 };

it('deals slots out by rate and share, evenly all the way', () => {
  const schedule = scheduleOf([stream('anonymous', 250), stream('wrong', 250), stream('allowed', 50)], shares);
  expect(schedule.everyMs).toBeCloseTo(1000 / 550);
  const slots = Array.from({ length: 5500 }, (_, number) => schedule.slot(number));
  const of = (index: number) => slots.filter(({ stream: one }) => one === index);
  expect([0, 1, 2].map((index) => of(index).length)).toEqual([2500, 2500, 500]);
  expect([0, 1, 2, 3].map((carrier) => of(0).filter((slot) => slot.carrier === carrier).length)).toEqual([1250, 375, 750, 125]);
  const first = slots.slice(0, 11).map((slot) => slot.stream);
  expect(first.filter((index) => index === 2)).toHaveLength(1);
  expect(Math.abs(first.filter((index) => index === 0).length - first.filter((index) => index === 1).length)).toBe(0);
});

it('deals the same again once everyone has got his due', () => {
  const streams = [stream('a', 2), stream('b', 1)];
  const [schedule, another] = [scheduleOf(streams, shares), scheduleOf(streams, shares)];
  // Twenty slots of the second stream, and forty of the first.
  for (let number = 0; number < 120; number += 1) expect(schedule.slot(number + 60)).toEqual(another.slot(number));
});

it('says the same of a slot whenever it is asked', () => {
  const schedule = scheduleOf([stream('a', 1), stream('b', 2)], shares);
  const late = schedule.slot(7);
  schedule.slot(20);
  expect(schedule.slot(7)).toEqual(late);
});
