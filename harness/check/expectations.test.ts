// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GauntletError } from '../errors.ts';
import { milliseconds, seconds, type Duration } from '../units.ts';
import { defaultBudgets } from './budgets.ts';
import { Mismatch } from './expect.ts';
import { CheckDefect, createExpectations, ExpectationFailed, type Attempt, type ExpectationsOptions } from './expectations.ts';
import { FakeClock } from './testing/fake-clock.ts';

function setUp(more: Partial<ExpectationsOptions> = {}) {
  const clock = new FakeClock(0);
  const attempts: Attempt[] = [];
  const expectations = createExpectations({
    budgets: defaultBudgets,
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    onAttempt: (attempt) => attempts.push(attempt),
    ...more,
  });
  return { clock, attempts, expectations, expecting: expectations.expect };
}

/** An assertion that goes as the list says and then as its last item does. */
function going(...outcomes: readonly (string | true)[]) {
  let attempt = 0;
  return (): void => {
    const outcome = outcomes[Math.min(attempt, outcomes.length - 1)];
    attempt += 1;
    if (outcome !== true) throw new Mismatch('200', outcome ?? '');
  };
}

const failureOf = async (work: Promise<void>): Promise<ExpectationFailed> => {
  const error: unknown = await work.then(
    () => 'held',
    (thrown: unknown) => thrown,
  );
  if (error instanceof ExpectationFailed) return error;
  throw new Error(`expected an ExpectationFailed, got ${String(error)}`);
};

test('eventually holds after three successes in a row, and tells when they began', async () => {
  const { expecting, expectations, attempts } = setUp();
  await expecting.eventually('serves', going('404', true, '404', true));
  expect(attempts.map((attempt) => attempt.mismatch?.actual ?? 'held')).toEqual(['404', 'held', '404', 'held', 'held', 'held']);
  expect(expectations.converged).toEqual({ serves: attempts[3]?.startedAt });
  expect(expectations.failure).toBeUndefined();
});

test('an expectation that is repeated converges as slowly as its slowest time', async () => {
  const { expecting, expectations } = setUp();
  for (const outcomes of [[true], ['404', '404', true], [true]] as const) await expecting.eventually('serves', going(...outcomes));
  expect(expectations.converged).toEqual({ serves: 300 });
});

test('pauses double with every failure up to the largest, and are short again while the streak grows', async () => {
  const { expecting, clock } = setUp();
  await expecting.eventually('serves', going('404', '404', '404', '404', '404', '404', true));
  expect(clock.pauses).toEqual([100, 200, 400, 800, 1000, 1000, 100, 100]);
});

test('eventually fails with the last mismatch once the budget is used up, and says how the attempts went', async () => {
  const { expecting, expectations, clock } = setUp();
  const failure = await failureOf(expecting.eventually('serves', going('404', '404', '503'), { within: seconds(5) }));
  expect(failure).toMatchObject({
    expectation: 'serves',
    expected: '200',
    actual: '503',
    attempts: 9,
    pattern: '2 of 9: 404; 7 of 9: 503',
  });
  expect(clock.now()).toBe(5000);
  expect(expectations.failure).toBe(failure);
  expect(expectations.converged).toEqual({});
});

test('a streak that began within the budget may be completed after it', async () => {
  const { expecting, expectations, clock } = setUp();
  await expecting.eventually('serves', going('404', true), { within: milliseconds(150), streak: 3 });
  expect(expectations.converged).toEqual({ serves: 100 });
  expect(clock.now()).toBe(300);
});

test('a streak that breaks after the budget does not hold', async () => {
  const { expecting, clock } = setUp();
  const failure = await failureOf(expecting.eventually('serves', going('404', true, true, '503', true), { within: milliseconds(150) }));
  expect(failure.expected).toBe('200, 3 times in a row');
  expect(failure.actual).toBe('held 2 times in a row as the budget ended, and then not: 503');
  expect(clock.now()).toBe(300);
});

test('the budget can be cut for one expectation by name', async () => {
  const { expecting, clock } = setUp({
    within: (name: string, stated: Duration) => (name === 'cut' ? milliseconds(stated.ms / 10) : stated),
  });
  await failureOf(expecting.eventually('cut', going('404'), { within: seconds(20) }));
  expect(clock.now()).toBe(2000);
});

test('consistently holds when nothing fails until the very end, and fails at the first mismatch', async () => {
  const { expecting, clock, attempts } = setUp();
  await expecting.consistently('stays', going(true), { lasting: seconds(1) });
  expect(clock.now()).toBe(1000);
  expect(attempts.at(-1)?.startedAt).toBe(1000);
  const failure = await failureOf(expecting.consistently('breaks', going(true, true, '200')));
  expect(failure).toMatchObject({ attempts: 3, pattern: '2 of 3: held; 1 of 3: 200' });
});

test('now tries once', async () => {
  const { expecting, attempts } = setUp();
  await expecting.now('is', going(true));
  const failure = await failureOf(expecting.now('is not', going('404', true)));
  expect(failure).toMatchObject({ attempts: 1, pattern: 'the only attempt', actual: '404' });
  expect(attempts).toHaveLength(2);
});

test('a failure of the harness inside an assertion passes through as it is', async () => {
  const { expecting, expectations } = setUp();
  const broken = new GauntletError('GAUNTLET_PEER', 'The echo is gone', { hint: 'Look at its pod.' });
  await expect(
    expecting.eventually('serves', () => {
      throw broken;
    }),
  ).rejects.toBe(broken);
  expect(expectations.failure).toBeUndefined();
});

test('anything else inside an assertion is a defect of the check, with its stack', async () => {
  const { expecting, attempts } = setUp();
  const work = expecting.eventually('serves', () => {
    throw new TypeError("cannot read 'status' of undefined");
  });
  await expect(work).rejects.toThrow(CheckDefect);
  await expect(work).rejects.toThrow(/"serves".*TypeError: cannot read 'status' of undefined\n\s+at /s);
  expect(attempts).toEqual([]);
});

test('an aborted signal ends a wait and an assertion that never answers', async () => {
  const controller = new AbortController();
  const { expecting, expectations } = setUp({ signal: controller.signal });
  const stuck = expecting.now('answers', () => new Promise<void>(() => undefined));
  const waiting = expecting.eventually('serves', going('404'), { within: seconds(1e6) });
  expect(expectations.pending).toEqual(['answers', 'serves']);
  const reason = new Error('interrupted');
  controller.abort(reason);
  await expect(stuck).rejects.toBe(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(expectations.pending).toEqual([]);
  expect(expectations.failure).toBeUndefined();
});

test('what an assertion throws because it was cut short does not hide the reason', async () => {
  const controller = new AbortController();
  const { expecting } = setUp({ signal: controller.signal });
  const reason = new Error('budget used up');
  const work = expecting.now('answers', () => {
    controller.abort(reason);
    throw new Mismatch('200', 'nothing');
  });
  await expect(work).rejects.toBe(reason);
});

test('whatever an assertion does: attempts stay within the budget but for those of a streak, pauses within their limits, and the verdict is that of the last streak', async () => {
  const outcomes = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });
  const options = fc.record({
    within: fc.integer({ min: 0, max: 20_000 }),
    streak: fc.integer({ min: 1, max: 5 }),
    jitter: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(
      outcomes,
      options,
      fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1 }),
      async (held, { within, streak, jitter }, works) => {
        const { expecting, expectations, clock, attempts } = setUp({ random: () => jitter });
        let tried = 0;
        const assertion = (): void => {
          clock.advance(milliseconds(works[tried % works.length] ?? 0));
          const holds = held[Math.min(tried, held.length - 1)] === true;
          tried += 1;
          if (!holds) throw new Mismatch('yes', 'no');
        };
        const ok = await expecting.eventually('any', assertion, { within: milliseconds(within), streak }).then(
          () => true,
          () => false,
        );
        const last = attempts.slice(-streak);
        expect(ok).toBe(last.length === streak && last.every((attempt) => !attempt.mismatch));
        const isOfStreak = (index: number): boolean => index > 0 && attempts[index - 1]?.mismatch === undefined;
        expect(attempts.every((attempt, index) => attempt.startedAt <= within || isOfStreak(index))).toBe(true);
        if (ok) expect(last[0]?.startedAt).toBeLessThanOrEqual(within);
        expect(attempts.map((attempt) => attempt.attempt)).toEqual(attempts.map((_, index) => index + 1));
        expect(clock.pauses.every((pause) => pause <= defaultBudgets.maximumPause.ms)).toBe(true);
        if (ok) expect(expectations.converged['any']).toBe(last[0]?.startedAt);
        else expect(expectations.failure?.attempts).toBe(attempts.length);
      },
    ),
  );
});
