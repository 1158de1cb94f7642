// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SuiteOutput, type EndedTest } from './suite-output.ts';

const recorded = readFileSync(join(import.meta.dirname, 'testdata/output.txt'));

function read(...chunks: readonly Uint8Array[]) {
  const told: (string | EndedTest)[] = [];
  let now = 0;
  const output = new SuiteOutput({ started: (name) => told.push(name), ended: (test) => told.push(test) }, () => (now += 10));
  for (const chunk of chunks) output.write('stdout', chunk);
  output.end();
  return { told, output };
}

const frames = (...lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));

describe('the output of the suite', () => {
  it('is told test by test, with what a failed one logged and why one was skipped', () => {
    expect(read(recorded).told).toEqual([
      'One',
      { name: 'One', result: 'passed', durationMs: 10 },
      'Two',
      { name: 'Two', result: 'skipped', durationMs: 10, log: 'Skipping Two: suite does not support X' },
      'Three',
      {
        name: 'Three',
        result: 'failed',
        durationMs: 10,
        log: [
          'no newline',
          '=== Three/a',
          '    x_test.go:8: boom',
          '        more',
          '--- FAIL: TestConformance/Three/a (0.00s)',
          '    x_test.go:8: end',
          '--- PASS: TestConformance/Fake (0.00s)',
        ].join('\n'),
      },
    ]);
  });

  it('means the same however it is cut into chunks', () => {
    const whole = read(recorded).told;
    fc.assert(
      fc.property(fc.array(fc.nat(recorded.length)), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), recorded.length];
        const chunks = places.slice(1).map((end, index) => recorded.subarray(places[index], end));
        expect(read(...chunks).told).toEqual(whole);
      }),
    );
  });

  it('keeps characters of several bytes whole, and drops colours', () => {
    const text = frames('\x16=== RUN   T/One', '    \x1b[31möß…\x1b[0m', '\x16--- FAIL: T/One (0.00s)');
    const { told } = read(...[...text].map((byte) => Uint8Array.of(byte)));
    expect(told[1]).toMatchObject({ log: '    öß…' });
  });

  it('keeps the end of a long log', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${index} ${'x'.repeat(3000)}`);
    const { told } = read(frames('\x16=== RUN   T/One', ...lines, '\x16--- FAIL: T/One (0.00s)'));
    const log = (told[1] as EndedTest).log?.split('\n') ?? [];
    expect([log.length, log.at(-1)?.startsWith('line 999 '), Math.max(...log.map((line) => line.length))]).toEqual([200, true, 2000]);
  });

  it('gives each test its own log where they run at the same time', () => {
    const { told } = read(
      frames(
        '\x16=== RUN   T/One',
        '\x16=== RUN   T/Two',
        'two',
        '\x16=== CONT  T/One',
        'one',
        '\x16--- FAIL: T/Two (0.00s)',
        '\x16--- FAIL: T/One (0.00s)',
      ),
    );
    expect(told.slice(2)).toMatchObject([
      { name: 'Two', log: 'two' },
      { name: 'One', log: 'one' },
    ]);
  });

  it('does not lose its last lines, of either stream', () => {
    const { output } = read(frames('\x16=== RUN   T/One', 'before'));
    output.write('stderr', Buffer.from('panic: ouch\n\ngoroutine 7'));
    output.write('stdout', Buffer.from('cut o'));
    output.end();
    expect(output.lastLines(4)).toEqual(['panic: ouch', '', 'cut o', 'goroutine 7']);
  });
});
