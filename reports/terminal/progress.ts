// SPDX-License-Identifier: Apache-2.0
import type { Clock } from '../../harness/check/clock.ts';
import type { RunEvent } from '../../harness/run/events.ts';
import type { Duration } from '../../harness/units.ts';
import { printableLine } from '../printable.ts';
import { lastingLines, statusLines } from './live-lines.ts';
import { advance, notStarted } from './live-run.ts';
import { styleFor, type Style } from './style.ts';

/** Where progress is written: a stream, or what stands for one in a test. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Width of the terminal in characters; 80 when unknown. */
  readonly columns?: number;
}

/** How progress is shown. */
export interface ProgressOptions {
  readonly stream: ProgressStream;
  /** Whether the stream is a terminal that can go back to earlier lines. */
  readonly isTTY: boolean;
  /** Whether it shows colours. */
  readonly colour: boolean;
  readonly clock: Clock;
}

/** Shows a run while it goes on. */
export interface Progress extends Disposable {
  on(event: RunEvent): void;
  /** Leaves the lasting lines only, and stops. Again: no effect. */
  end(): void;
}

const redrawEvery: Duration = { ms: 200 };
const reportEvery: Duration = { ms: 5_000 };

/**
 * Progress for a terminal: lasting lines scroll, and below them stands a block that says what goes on right now.
 * Without a terminal there are lines only, and progress within a phase at most every five seconds.
 */
export function createProgress({ stream, isTTY, colour, clock }: ProgressOptions): Progress {
  const style = styleFor(colour);
  const show = isTTY ? blockOn(stream, clock, style) : linesOn(stream, clock, style);
  const stop = new AbortController();
  let live = notStarted;
  void repeat(clock, isTTY ? redrawEvery : reportEvery, stop.signal, () => show.tick(live));
  const end = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    show.end();
  };
  return {
    on: (event) => {
      const lines = lastingLines(event, live, style);
      live = advance(live, event);
      if (!stop.signal.aborted) show.event(event, lines, live);
    },
    end,
    [Symbol.dispose]: end,
  };
}

interface Display {
  event(event: RunEvent, lines: readonly string[], live: typeof notStarted): void;
  tick(live: typeof notStarted): void;
  end(): void;
}

function blockOn(stream: ProgressStream, clock: Clock, style: Style): Display {
  let height = 0;
  const draw = (lines: readonly string[], live: typeof notStarted): void => {
    // The last column stays free: a full line would move the cursor on and the block could not be taken back.
    const block = statusLines(live, clock.now(), (stream.columns ?? 80) - 1, style);
    stream.write(erase(height) + [...lines, ...block].map((line) => `${line}\n`).join(''));
    height = block.length;
  };
  return {
    event: (event, lines, live) => {
      if (lines.length > 0 || event.type === 'phase-started') draw(lines, live);
    },
    tick: (live) => draw([], live),
    end: () => {
      stream.write(erase(height));
      height = 0;
    },
  };
}

const erase = (height: number): string => (height === 0 ? '' : `\u001b[${height}A\u001b[0J`);

function linesOn(stream: ProgressStream, clock: Clock, style: Style): Display {
  let reportedAt = -Infinity;
  let pending: { readonly phase: string; readonly line: string } | undefined;
  const print = (lines: readonly string[]): void => void stream.write(lines.map((line) => `${line}\n`).join(''));
  const report = (): void => {
    if (!pending || clock.now() - reportedAt < reportEvery.ms) return;
    print([pending.line]);
    reportedAt = clock.now();
    pending = undefined;
  };
  return {
    event: (event, lines) => {
      if (event.type === 'phase-started') print([style('strong', `▸ ${printableLine(event.title)}`)]);
      if (event.type === 'phase-ended' && pending?.phase === event.phase) pending = undefined;
      if (lines.length > 0) print(lines);
      if (event.type === 'progress') {
        const count = event.total === undefined ? '' : `${event.done ?? 0}/${event.total}  `;
        pending = { phase: event.phase, line: style('quiet', `  ${count}${printableLine(event.message)}`) };
        report();
      }
    },
    tick: report,
    end: () => undefined,
  };
}

/** Runs `body` again and again until aborted. */
async function repeat(clock: Clock, every: Duration, signal: AbortSignal, body: () => void): Promise<void> {
  try {
    for (;;) {
      await clock.pause(every, signal);
      body();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
