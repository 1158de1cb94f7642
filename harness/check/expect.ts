// SPDX-License-Identifier: Apache-2.0
import type { Exchange } from '../probe/exchange.ts';
import type { Duration } from '../units.ts';

/**
 * An expectation that did not hold, said as expected against actual. Thrown inside an assertion; the engine turns the last one into the failure.
 * `actual` says the kind of outcome, without ids or times, so that attempts that went alike read alike.
 */
export class Mismatch extends Error {
  override readonly name = 'Mismatch';
  readonly expected: string;
  readonly actual: string;
  /** The exchange that showed it, for the reproducer. */
  readonly exchange: Exchange | undefined;

  constructor(expected: string, actual: string, exchange?: Exchange) {
    super(`expected ${expected}, got ${actual}`);
    this.expected = expected;
    this.actual = actual;
    this.exchange = exchange;
  }
}

/** The whole of what is asserted, repeated as a unit; throws {@link Mismatch} when it does not hold. */
export type Assertion = () => Promise<void> | void;

/** The one primitive of waiting. Every attempt is recorded with its time and outcome. */
export interface Expect {
  /**
   * Holds when the assertion succeeds `streak` times in a row, the first of them within the budget; fails with the last mismatch.
   * `within` is `budgets.traffic` and `streak` 3 by default. An attempt belongs to the budget if it began within it.
   */
  eventually(name: string, assertion: Assertion, options?: { readonly within?: Duration; readonly streak?: number }): Promise<void>;
  /** Holds when the assertion never fails for the stated time, `budgets.quiet` by default; fails at the first mismatch. */
  consistently(name: string, assertion: Assertion, options?: { readonly lasting?: Duration }): Promise<void>;
  /** Holds when the assertion succeeds now, once. */
  now(name: string, assertion: Assertion): Promise<void>;
}
