// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { expect, test } from 'vitest';

interface Options {
  readonly executions?: Readonly<Partial<Record<'a' | 'b' | 's' | 't' | 'u', readonly string[]>>>;
  readonly stuck?: boolean;
  readonly leak?: boolean;
  readonly jobs?: number;
  readonly bail?: number;
  readonly entry?: string;
}

const executions = { s: ['s1', 's2'], a: ['a1', 'a@x', 'a2'], b: ['b1', 'b2'] };

/** Runs the sample entry in a process of its own; `onLine` may end it. */
async function run(options: Options, onLine: (line: string, stop: () => void) => void = () => undefined) {
  const sample = { executions, stuck: false, leak: false, ...options };
  const start = join(import.meta.dirname, 'testing', 'start.ts');
  const child = spawn(
    process.execPath,
    ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', start, JSON.stringify(sample)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line, () => child.kill('SIGTERM'));
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { lines, errors, status };
}

const named = (lines: readonly string[], word: string) =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.split(' ')[1]);

test('executions run at the same time up to the limit, sabotaged ones after the others, serial ones alone and last; nothing else is printed', async () => {
  const { lines, errors, status } = await run({ jobs: 3 });
  expect({ errors, status }).toEqual({ errors: '', status: 0 });
  expect(named(lines, 'start')).toEqual(['a1', 'a2', 'b1', 'b2', 'a@x', 's1', 's2']);
  const atOnce = lines.filter((line) => line.startsWith('start')).map((line) => Number(line.split(' ')[2]));
  expect(Math.max(...atOnce)).toBe(3);
  expect(atOnce.slice(-2)).toEqual([1, 1]);
  expect(lines.slice(-2)).toEqual(['session ended', 'done']);
});

test('serial ones that give the same name run at the same time, after all others', async () => {
  const { lines } = await run({ jobs: 3, executions: { t: ['t1', 't2'], s: ['s1'], a: ['a1'], u: ['u1'] } });
  expect(named(lines, 'start')).toEqual(['a1', 's1', 't1', 't2', 'u1']);
  expect(lines.filter((line) => line.startsWith('start')).map((line) => line.split(' ')[2])).toEqual(['1', '1', '1', '2', '3']);
});

test('bail ends the run after so many failures, and the session is ended all the same', async () => {
  const { lines, status } = await run({ jobs: 1, bail: 1, executions: { a: ['a1', 'bad', 'a2'], b: ['b1'], s: ['s1'] } });
  expect(status).toBe(0);
  expect(named(lines, 'start')).toEqual(['a1', 'bad']);
  expect(lines.slice(-2)).toEqual(['session ended', 'done']);
});

test('failures without bail end nothing', async () => {
  const { lines } = await run({ executions: { a: ['bad', 'a2'], b: ['bad2'], s: ['s1'] } });
  expect(named(lines, 'end').toSorted()).toEqual(['a2', 'bad', 'bad2', 's1']);
});

test('an interruption reaches every execution that is under way, and starts no other', async () => {
  const { lines, status } = await run({ stuck: true, jobs: 2 }, (line, stop) => {
    if (line.startsWith('start a2')) stop();
  });
  expect(status).toBe(0);
  expect(named(lines, 'start')).toEqual(['a1', 'a2']);
  expect(named(lines, 'aborted').toSorted()).toEqual(['a1', 'a2']);
  expect(lines.slice(-2)).toEqual(['session ended', 'done']);
});

test('what the run left open is reported', async () => {
  const { lines } = await run({ leak: true });
  const reported = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as unknown);
  expect(reported).toMatchObject([{ type: 'environment', sections: { 'left open': { TCPServerWrap: '1' } } }]);
});

test('a plan of which nothing is executed is no error', async () => {
  const { lines, status } = await run({ executions: { a: [], b: [], s: [] } });
  expect({ lines, status }).toEqual({ lines: ['session ended', 'done'], status: 0 });
});

test('an entry that cannot be loaded is an error of the harness that says why', async () => {
  const { errors, status } = await run({ entry: 'broken.entry.ts' });
  expect(status).toBe(1);
  expect(errors).toContain('GAUNTLET_INTERNAL');
  expect(errors).toContain('the suites are broken');
});
