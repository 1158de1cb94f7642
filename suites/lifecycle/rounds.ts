// SPDX-License-Identifier: Apache-2.0
import { untilAborted } from '../../harness/check/abort.ts';
import type { CheckContext } from '../../harness/check/check.ts';

/** Does something once for all cells of a round, whichever of them comes first with it; the others wait for that. */
export type Once = (work: () => Promise<unknown>) => Promise<void>;

/** One cell's part in a round. */
export interface Round {
  /** Returns once every cell of the round is here. */
  meet(): Promise<Once>;
  /** The others wait for this cell no longer. */
  leave(): void;
}

/**
 * Cells that are played at once, in step, because the same thing happens to all of them: there is one controller, and one after the other they would
 * each wait for another one to lead.
 */
export interface Rounds {
  /** Joins the cells that have not met yet, or waits for the end of a round that has; not once the signal is aborted. */
  join(signal: AbortSignal): Promise<Round>;
}

/** The fixture `rounds`. */
export function rounds({ session }: CheckContext): Promise<Rounds> {
  return session.share('lifecycle-rounds', () => Promise.resolve(createRounds()));
}

/** See {@link Rounds}. */
export function createRounds(): Rounds {
  let present = new Members();
  return {
    join: async (signal) => {
      while (present.hasMet) await untilAborted(() => present.over, signal);
      signal.throwIfAborted();
      const mine = present;
      const me = Symbol('cell');
      mine.add(me);
      return {
        meet: () => mine.meet(me),
        leave: () => {
          if (mine.remove(me) && mine === present) present = new Members();
        },
      };
    },
  };
}

class Members {
  readonly #members = new Set<symbol>();
  readonly #here = new Set<symbol>();
  readonly #over = Promise.withResolvers<undefined>();
  #meeting = Promise.withResolvers<Once>();
  hasMet = false;

  get over(): Promise<unknown> {
    return this.#over.promise;
  }

  add(member: symbol): void {
    this.#members.add(member);
  }

  meet(member: symbol): Promise<Once> {
    const { promise } = this.#meeting;
    this.#here.add(member);
    this.#look();
    return promise;
  }

  /** Whether the last one left, and the round is over. */
  remove(member: symbol): boolean {
    this.#members.delete(member);
    this.#here.delete(member);
    if (this.#members.size > 0) {
      this.#look();
      return false;
    }
    this.#over.resolve(undefined);
    return true;
  }

  #look(): void {
    if (this.#here.size < this.#members.size) return;
    this.hasMet = true;
    this.#here.clear();
    this.#meeting.resolve(once());
    this.#meeting = Promise.withResolvers();
  }
}

function once(): Once {
  let done: Promise<void> | undefined;
  return (work) => (done ??= Promise.resolve(work()).then(() => undefined));
}
