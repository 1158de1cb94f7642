// SPDX-License-Identifier: Apache-2.0

/** What must be done at an end, whatever the outcome. */
export class CleanUps {
  readonly #deferred: (() => Promise<void> | void)[] = [];

  /** Adds a step; the last one added runs first. */
  defer(cleanUp: () => Promise<void> | void): void {
    this.#deferred.push(cleanUp);
  }

  /** Runs all steps, each also when one before it failed; returns what went wrong. Steps that a step adds run as well. */
  async run(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (let cleanUp = this.#deferred.pop(); cleanUp; cleanUp = this.#deferred.pop()) {
      try {
        await cleanUp();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}
