// SPDX-License-Identifier: Apache-2.0
import xterm from '@xterm/headless';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../harness/check/clock.ts';
import type { RunEvent } from '../../harness/run/events.ts';
import { expectGolden } from '../testdata/golden.ts';
import { sampleEvents, sampleSuiteEvents } from '../testdata/sample-events.ts';
import { sampleCellEvents } from '../testdata/sample-lifecycle-events.ts';
import { sampleStart } from '../testdata/sample.ts';
import { createProgress } from './progress.ts';

const golden = (name: string) => new URL(`testdata/${name}.golden.txt`, import.meta.url);

/** A clock that stands still until it is moved; then every pause that is over ends. */
class HandClock implements Clock {
  #now = sampleStart;
  readonly #waiting: { readonly until: number; readonly resume: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  pause({ ms }: { readonly ms: number }, signal?: AbortSignal): Promise<void> {
    return new Promise((resume, reject) => {
      this.#waiting.push({ until: this.#now + ms, resume });
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  async moveTo(at: number): Promise<void> {
    this.#now = at;
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.until <= at) waiting.resume();
      else this.#waiting.push(waiting);
    }
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** What a terminal of 100 columns shows after the events. */
async function screenAfter(events: readonly RunEvent[], end: boolean): Promise<string> {
  const terminal = new xterm.Terminal({ cols: 100, rows: 40, convertEol: true, allowProposedApi: true });
  const clock = new HandClock();
  const written: string[] = [];
  const progress = createProgress({ stream: { write: (text) => written.push(text), columns: 100 }, isTTY: true, colour: true, clock });
  for (const event of events) {
    await clock.moveTo(event.at);
    progress.on(event);
  }
  await clock.moveTo(clock.now() + 1_000);
  if (end) progress.end();
  await new Promise<void>((resolve) => terminal.write(written.join(''), resolve));
  progress.end();
  const lines = Array.from(
    { length: terminal.buffer.active.length },
    (_, index) => terminal.buffer.active.getLine(index)?.translateToString(true) ?? '',
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

async function plainAfter(events: readonly RunEvent[]): Promise<string> {
  const clock = new HandClock();
  const written: string[] = [];
  using progress = createProgress({ stream: { write: (text) => written.push(text) }, isTTY: false, colour: false, clock });
  for (const event of events) {
    await clock.moveTo(event.at);
    progress.on(event);
  }
  return written.join('');
}

describe('progress', () => {
  it('on a terminal shows what goes on below what was', async () => {
    await expectGolden(await screenAfter(sampleEvents.slice(0, 5), false), golden('progress-tty-tools'));
    await expectGolden(await screenAfter(sampleEvents.slice(0, 12), false), golden('progress-tty-checks'));
    await expectGolden(await screenAfter(sampleSuiteEvents, false), golden('progress-tty-suite'));
  });

  it('leaves only lasting lines when it ends, also in the middle', async () => {
    await expectGolden(await screenAfter(sampleEvents, true), golden('progress-tty-end'));
    const interrupted = await screenAfter(sampleEvents.slice(0, 10), true);
    expect(interrupted).not.toContain('▸');
  });

  it('without a terminal writes lines, and progress seldom', async () => {
    await expectGolden(await plainAfter(sampleEvents), golden('progress-plain'));
    await expectGolden(await plainAfter(sampleSuiteEvents), golden('progress-plain-suite'));
  });

  it('names a cell of the lifecycle matrix by its own verdict', async () => {
    await expectGolden(await plainAfter(sampleCellEvents), golden('progress-plain-lifecycle'));
  });

  it('says a last progress that came too soon once its time has come', async () => {
    const clock = new HandClock();
    const written: string[] = [];
    using progress = createProgress({ stream: { write: (text) => written.push(text) }, isTTY: false, colour: false, clock });
    for (const event of sampleEvents.slice(0, 4)) progress.on(event);
    expect(written.join('')).not.toContain('kubelet');
    await clock.moveTo(sampleStart + 5_000);
    expect(written.join('')).toContain('  2/14  kubelet, building, expected 90 s\n');
  });

  it('writes nothing after its end', async () => {
    const clock = new HandClock();
    const written: string[] = [];
    const progress = createProgress({ stream: { write: (text) => written.push(text) }, isTTY: true, colour: false, clock });
    progress.end();
    progress.end();
    const before = written.length;
    for (const event of sampleEvents) progress.on(event);
    await clock.moveTo(sampleStart + 60_000);
    expect(written.length).toBe(before);
  });
});
