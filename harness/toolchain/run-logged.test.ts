// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runLogged } from './run-logged.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

function shell(script: string, log: string, signal?: AbortSignal): Promise<string> {
  return runLogged({ file: 'sh', args: ['-c', script], env: { GREETING: 'hello' } }, { log, attempt: 'build example', signal });
}

const logFile = (): string => join(temporaryFolder(), 'logs', 'example.log');

test('gives standard output and keeps everything in the log', async () => {
  const log = logFile();
  expect(await shell('echo "$GREETING"', log)).toBe('hello');
  await shell('echo complaint >&2', log);
  expect(readFileSync(log, 'utf8')).toBe('hello\ncomplaint\n');
});

test('a failure shows the last lines and names the log', async () => {
  const log = logFile();
  const running = shell('seq 1 100; echo "main.go:7: undefined: x" >&2; exit 3', log);
  await expect(running).rejects.toMatchObject({ code: 'GAUNTLET_TOOL_BUILD_FAILED', hint: expect.stringContaining(log) as unknown });
  const { message } = (await running.catch((error: unknown) => error)) as Error;
  expect(message).toContain('Could not build example: it ended with status 3');
  expect(message).toContain('main.go:7: undefined: x');
  expect(message).not.toContain('\n50\n');
});

test('a full disk is told apart', async () => {
  const running = shell('echo "write /cache/x: no space left on device" >&2; exit 1', logFile());
  await expect(running).rejects.toMatchObject({ code: 'GAUNTLET_DISK_FULL', hint: expect.stringContaining('GAUNTLET_CACHE') as unknown });
});

test('a program that does not exist is named', async () => {
  const running = runLogged({ file: '/no/such/program', args: [] }, { log: logFile(), attempt: 'build example' });
  await expect(running).rejects.toThrow(/\/no\/such\/program/);
});

test('an interruption ends it', async () => {
  const abort = new AbortController();
  const running = shell('kill -STOP $$', logFile(), abort.signal);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
});
