// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import type { Exchange } from '../probe/exchange.ts';
import { milliseconds, type Duration } from '../units.ts';
import { untilAborted } from './abort.ts';
import { describePattern } from './attempt-pattern.ts';
import type { Budgets } from './budgets.ts';
import type { Clock } from './clock.ts';
import { Mismatch, type Assertion, type Expect } from './expect.ts';

/** Times in a row that `eventually` wants an assertion to succeed, so that one lucky answer is no proof. */
export const defaultStreak = 3;

/** One attempt at an expectation. */
export interface Attempt {
  readonly expectation: string;
  /** From 1. */
  readonly attempt: number;
  readonly startedAt: number;
  readonly durationMs: number;
  /** What was seen instead, unless it held. */
  readonly mismatch?: Mismatch;
}

/** An expectation that did not hold. Thrown to end the check. */
export class ExpectationFailed extends Error {
  override readonly name = 'ExpectationFailed';
  readonly expectation: string;
  readonly expected: string;
  readonly actual: string;
  readonly attempts: number;
  readonly pattern: string;
  readonly exchange: Exchange | undefined;

  constructor(expectation: string, last: Mismatch, outcomes: readonly (string | undefined)[]) {
    super(`${expectation}: ${last.message}`, { cause: last });
    this.expectation = expectation;
    this.expected = last.expected;
    this.actual = last.actual;
    this.attempts = outcomes.length;
    this.pattern = describePattern(outcomes);
    this.exchange = last.exchange;
  }
}

/** Something that only a mistake in the check itself can cause; never a verdict on the gateway. */
export class CheckDefect extends Error {
  override readonly name = 'CheckDefect';
}

/** What the expectations of one execution need. */
export interface ExpectationsOptions {
  readonly budgets: Budgets;
  readonly clock: Clock;
  /** From 0 up to 1, for the jitter of pauses. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly onAttempt: (attempt: Attempt) => void;
  /** After each attempt, before the next. */
  readonly betweenAttempts?: () => Promise<void>;
  /** The budget that `eventually` really gets; the stated one by default. */
  readonly within?: (expectation: string, stated: Duration) => Duration;
}

/** The expectations of one execution: the primitive that the check calls, and what the engine wants to know afterwards. */
export interface Expectations {
  readonly expect: Expect;
  /** Milliseconds from the first attempt to the first success of the streak, of each `eventually` that held; the longest if it was repeated. */
  readonly converged: Readonly<Record<string, number>>;
  /** The first expectation that did not hold, also if the check went on. */
  readonly failure: ExpectationFailed | undefined;
  /** Names of all expectations that began. */
  readonly names: ReadonlySet<string>;
  /** Names of those that began and have not ended. */
  readonly pending: readonly string[];
}

/** The expectations of one execution. */
export function createExpectations(options: ExpectationsOptions): Expectations {
  const { budgets } = options;
  const converged: Record<string, number> = {};
  const names = new Set<string>();
  const pending: string[] = [];
  let failure: ExpectationFailed | undefined;

  function track(name: string, body: (series: Series) => Promise<void>): Promise<void> {
    const work = trackUntilEnd(name, body);
    // A check that does not wait for it is told so when it ends; it must not bring down those beside it.
    work.catch(() => undefined);
    return work;
  }

  async function trackUntilEnd(name: string, body: (series: Series) => Promise<void>): Promise<void> {
    names.add(name);
    pending.push(name);
    try {
      await body(new Series(name, options));
    } catch (error) {
      if (error instanceof ExpectationFailed) failure ??= error;
      throw error;
    } finally {
      pending.splice(pending.indexOf(name), 1);
    }
  }

  const expect: Expect = {
    eventually: (name, assertion, { within = budgets.traffic, streak = defaultStreak } = {}) =>
      track(name, async (series) => {
        const after = await series.untilStreak(assertion, options.within?.(name, within) ?? within, streak);
        // An expectation that a check repeats is as slow as its slowest time.
        converged[name] = Math.max(after, converged[name] ?? 0);
      }),
    consistently: (name, assertion, { lasting = budgets.quiet } = {}) => track(name, (series) => series.throughout(assertion, lasting)),
    now: (name, assertion) =>
      track(name, async (series) => {
        if (await series.attempt(assertion)) throw series.failed();
      }),
  };
  return {
    expect,
    converged,
    names,
    pending,
    get failure() {
      return failure;
    },
  };
}

/** The attempts at one expectation. */
class Series {
  readonly #name: string;
  readonly #options: ExpectationsOptions;
  readonly #outcomes: (string | undefined)[] = [];
  readonly #startedAt: number;
  #last: Mismatch | undefined;

  constructor(name: string, options: ExpectationsOptions) {
    this.#name = name;
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /**
   * Repeats until the streak is complete; returns the milliseconds to its first success. The budget is for that one: a streak that began in time
   * may be completed, so that a machine on which each attempt takes seconds is not told from a gateway that is late.
   */
  async untilStreak(assertion: Assertion, within: Duration, streak: number): Promise<number> {
    const { budgets } = this.#options;
    let inARow = 0;
    let convergedAfter = 0;
    let failures = 0;
    for (;;) {
      const began = this.#elapsed();
      if (await this.attempt(assertion)) {
        if (began >= within.ms) throw this.#exhausted(inARow, streak);
        inARow = 0;
        failures += 1;
      } else {
        inARow += 1;
        failures = 0;
        if (inARow === 1) convergedAfter = began;
        if (inARow >= streak) return convergedAfter;
      }
      const remaining = within.ms - this.#elapsed();
      if (failures === 0) await this.#pause(budgets.minimumPause, budgets.minimumPause.ms * 2);
      else if (remaining <= 0) throw this.#exhausted(inARow, streak);
      else await this.#pause(backoff(budgets, failures), remaining);
    }
  }

  /** Repeats for the whole time; fails at the first mismatch. */
  async throughout(assertion: Assertion, lasting: Duration): Promise<void> {
    for (;;) {
      if (await this.attempt(assertion)) throw this.failed();
      const remaining = lasting.ms - this.#elapsed();
      if (remaining <= 0) return;
      await this.#pause(this.#options.budgets.minimumPause, remaining);
    }
  }

  /** Tries once; returns what was seen instead, or nothing if it held. */
  async attempt(assertion: Assertion): Promise<Mismatch | undefined> {
    const { clock, signal, onAttempt } = this.#options;
    const startedAt = clock.now();
    const mismatch = await this.#try(assertion, signal);
    this.#outcomes.push(mismatch?.actual);
    this.#last = mismatch ?? this.#last;
    onAttempt({
      expectation: this.#name,
      attempt: this.#outcomes.length,
      startedAt,
      durationMs: clock.now() - startedAt,
      ...(mismatch ? { mismatch } : {}),
    });
    await this.#options.betweenAttempts?.();
    return mismatch;
  }

  /** The failure with the last mismatch. */
  failed(last: Mismatch | undefined = this.#last): ExpectationFailed {
    return new ExpectationFailed(this.#name, last ?? new Mismatch('an attempt', 'none'), this.#outcomes);
  }

  async #try(assertion: Assertion, signal: AbortSignal): Promise<Mismatch | undefined> {
    try {
      await untilAborted(assertion, signal);
      return undefined;
    } catch (error) {
      // An assertion that is cut short throws anything; the reason for the cut is what counts.
      signal.throwIfAborted();
      if (error instanceof Mismatch) return error;
      if (error instanceof GauntletError) throw error;
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new CheckDefect(`The assertion "${this.#name}" threw something that is no mismatch: ${what}`, { cause: error });
    }
  }

  #exhausted(inARow: number, streak: number): ExpectationFailed {
    if (inARow === 0) return this.failed();
    const expected = this.#last?.expected ?? 'the assertion to hold';
    const actual = this.#last?.actual ?? 'nothing was seen';
    return this.failed(
      new Mismatch(
        `${expected}, ${streak} times in a row`,
        `held ${inARow} times in a row as the budget ended, and then not: ${actual}`,
        this.#last?.exchange,
      ),
    );
  }

  /** Pauses, but never beyond what remains, so that the last attempt falls on the end of the budget. */
  async #pause(base: Duration, remainingMs: number): Promise<void> {
    const { clock, random, signal, budgets } = this.#options;
    const jittered = Math.min(base.ms * (0.75 + random() / 2), budgets.maximumPause.ms);
    await clock.pause(milliseconds(Math.min(jittered, remainingMs)), signal);
  }

  #elapsed(): number {
    return this.#options.clock.now() - this.#startedAt;
  }
}

/** The pause after so many failures in a row: doubles from the smallest to the largest. */
function backoff(budgets: Budgets, failures: number): Duration {
  return milliseconds(Math.min(budgets.minimumPause.ms * 2 ** Math.min(failures - 1, 30), budgets.maximumPause.ms));
}
