// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from 'node:fs';
import type { GauntletError } from '../../errors.ts';
import type { RunDocument } from '../../run/document.ts';
import type { RunEvent } from '../../run/events.ts';
import { openJournal, type Journal } from '../../run/journal.ts';

/** An event without its time. */
export type Unstamped<Event extends RunEvent = RunEvent> = Event extends RunEvent ? Omit<Event, 'at'> : never;

/**
 * Where all events of a run come together: each is stamped, journalled and then shown, in this order,
 * so that what was shown is never lost.
 */
export class Recorder implements Disposable {
  readonly directory: string;
  readonly #journal: Journal;
  readonly #show: (event: RunEvent) => void;
  readonly #now: () => number;

  constructor(directory: string, show: (event: RunEvent) => void, now: () => number = Date.now) {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.#journal = openJournal(directory);
    this.#show = show;
    this.#now = now;
  }

  /** The run as far as it is known. */
  get document(): RunDocument {
    return this.#journal.document;
  }

  /** Records an event that happens now. */
  emit(event: Unstamped): void {
    this.record({ ...event, at: this.#now() });
  }

  /** Records an event that carries its own time. */
  record(event: RunEvent): void {
    this.#journal.append(event);
    this.#show(event);
  }

  /** Runs a stretch of the run as a phase: its start, its end and its outcome become events. */
  async phase<T>(
    phase: string,
    title: string,
    body: (progress: (message: string, done?: number, total?: number) => void) => Promise<T>,
  ): Promise<T> {
    const startedAt = this.#now();
    this.emit({ type: 'phase-started', phase, title });
    let outcome: 'ok' | 'failed' = 'failed';
    try {
      const result = await body((message, done, total) =>
        this.emit({ type: 'progress', phase, message, ...(done === undefined ? {} : { done }), ...(total === undefined ? {} : { total }) }),
      );
      outcome = 'ok';
      return result;
    } finally {
      this.emit({ type: 'phase-ended', phase, durationMs: this.#now() - startedAt, outcome });
    }
  }

  /** Records a failure of the harness. */
  fail(error: GauntletError): void {
    this.emit({ type: 'harness-failed', code: error.code, message: error.message, hint: error.hint });
  }

  [Symbol.dispose](): void {
    this.#journal.close();
  }
}
