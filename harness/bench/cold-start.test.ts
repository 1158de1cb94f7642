// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest';
import { coldStartOf, type StartAnswer } from './cold-start.ts';

const asked = (route: number, sentAt: number, isRight: boolean): StartAnswer => ({ route, sentAt, endedAt: sentAt + 2, isRight });
const times = { startedAt: 1000, readyAt: 1500, routes: 2 };

it('an honest start answers rightly as soon as it is ready', () => {
  const answers = [asked(0, 1400, false), asked(0, 1450, true), asked(1, 1460, true), asked(0, 1510, true), asked(1, 1520, true)];
  expect(coldStartOf(answers, times)).toEqual({
    readyMs: 500,
    firstMs: 452,
    allMs: 462,
    wrongWhileReady: 0,
    routesWrong: 0,
    dishonestMs: 0,
  });
});

it('wrong answers after it was ready are told, with their routes and how long they came', () => {
  const answers = [
    ...[asked(0, 1510, true), asked(1, 1520, false), asked(1, 1600, false)],
    ...[asked(0, 1690, true), asked(1, 1700, true)],
  ];
  expect(coldStartOf(answers, times)).toMatchObject({ allMs: 702, wrongWhileReady: 2, routesWrong: 1, dishonestMs: 102 });
});

it('what never came is null, and not 0', () => {
  const never = { startedAt: 1000, routes: 2 };
  expect(coldStartOf([asked(0, 1100, false)], never)).toMatchObject({ readyMs: null, firstMs: null, allMs: null, wrongWhileReady: 0 });
  expect(coldStartOf([asked(0, 1600, true)], times)).toMatchObject({ firstMs: 602, allMs: null });
  // Each was right once, and one is not any more.
  expect(coldStartOf([asked(0, 1600, true), asked(1, 1600, true), asked(1, 1700, false)], times).allMs).toBeNull();
});
