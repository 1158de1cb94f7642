// SPDX-License-Identifier: Apache-2.0
import { stripVTControlCharacters } from 'node:util';
import type { ConformanceTestEnded } from '../run/events.ts';

/** A test of the suite that ended. */
export type EndedTest = Omit<ConformanceTestEnded, 'type' | 'at'>;

/** Told of each test as the output streams by. */
export interface SuiteObserver {
  started(name: string): void;
  ended(test: EndedTest): void;
}

// In the format test2json every line of the test framework itself begins with this character, so that no log can be taken for one.
const marker = '\x16';
const keptLines = 200;
const keptLineLength = 2000;
const results = { PASS: 'passed', FAIL: 'failed', SKIP: 'skipped' } as const;

/**
 * Reads what the suite writes (`-test.v=test2json`) while it writes it. A test of the suite is a direct subtest of its one Go test; what its own
 * subtests log belongs to it.
 */
export class SuiteOutput {
  readonly #observer: SuiteObserver;
  readonly #clock: () => number;
  readonly #running = new Map<string, { readonly startedAt: number; readonly log: string[] }>();
  readonly #last: string[] = [];
  readonly #rests = { stdout: '', stderr: '' };
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #current = '';

  /** @param clock - milliseconds, for the durations of tests */
  constructor(observer: SuiteObserver, clock: () => number) {
    this.#observer = observer;
    this.#clock = clock;
  }

  /** Takes in what came over one of the two; the framework writes to stdout only, a panic to stderr. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    const lines = (this.#rests[stream] + this.#decoders[stream].decode(chunk, { stream: true })).split('\n');
    this.#rests[stream] = lines.pop() ?? '';
    for (const line of lines) this.#line(line);
  }

  /** The output is over: takes in last lines without an end. */
  end(): void {
    for (const rest of Object.values(this.#rests)) if (rest !== '') this.#line(rest);
  }

  /** The end of the whole output. */
  lastLines(count: number): string[] {
    return this.#last.slice(-count);
  }

  #line(line: string): void {
    const at = line.indexOf(marker);
    if (at === -1) {
      this.#log(line);
      return;
    }
    // A program that ends its output without a line break leaves the framework to go on in the same line.
    if (at > 0) this.#log(line.slice(0, at));
    this.#frame(line.slice(at + 1));
  }

  #log(line: string): void {
    const text = stripVTControlCharacters(line).slice(0, keptLineLength);
    keep(this.#last, text);
    const test = this.#running.get(suiteTest(this.#current) ?? '');
    if (test !== undefined) keep(test.log, text);
  }

  #frame(line: string): void {
    const [, verb, name = ''] = /^=== (RUN|NAME|CONT)\s+(\S*)/.exec(line) ?? [];
    if (verb !== undefined) {
      this.#current = name;
      if (verb === 'RUN') this.#start(name);
      return;
    }
    const [, result, ended] = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(/.exec(line) ?? [];
    if (result !== undefined && ended !== undefined) this.#end(ended, results[result as keyof typeof results], line);
  }

  #start(path: string): void {
    const name = suiteTest(path);
    if (name === undefined) return;
    if (isSubtest(path)) {
      this.#log(`=== ${path.slice(path.indexOf('/') + 1)}`);
      return;
    }
    this.#running.set(name, { startedAt: this.#clock(), log: [] });
    this.#observer.started(name);
  }

  #end(path: string, result: EndedTest['result'], line: string): void {
    const name = suiteTest(path);
    const test = this.#running.get(name ?? '');
    if (name === undefined || test === undefined) return;
    if (isSubtest(path)) {
      if (result === 'failed') keep(test.log, line);
      return;
    }
    this.#running.delete(name);
    const log = result === 'passed' ? {} : { log: result === 'skipped' ? reasonOf(test.log) : test.log.join('\n') };
    this.#observer.ended({ name, result, durationMs: this.#clock() - test.startedAt, ...log });
  }
}

/** `TestConformance/HTTPRouteWeight/a_subtest` is part of `HTTPRouteWeight`; `TestConformance` of none. */
function suiteTest(path: string): string | undefined {
  return path.split('/')[1];
}

function isSubtest(path: string): boolean {
  return path.split('/').length > 2;
}

function keep(lines: string[], line: string): void {
  lines.push(line);
  if (lines.length > keptLines) lines.shift();
}

/** The last thing that a skipped test logged, without the place in the code. */
function reasonOf(log: readonly string[]): string {
  return (log.at(-1) ?? '').trim().replace(/^\S+\.go:\d+: /, '');
}
