// SPDX-License-Identifier: Apache-2.0
// What is left of a run that is killed, and of two that meet. GAUNTLET_KILLS says how many moments are tried.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { journalFile, readDocument, readJournal } from '../run/journal.ts';
import { seededRandom } from '../run/seed.ts';
import { repositoryRoot } from './paths.ts';

const main = join(repositoryRoot, 'harness', 'cli', 'main.ts');
const kills = Number(process.env['GAUNTLET_KILLS'] ?? '3');
const random = seededRandom(Number(process.env['GAUNTLET_SEED'] ?? '7'));
/** A run of these checks takes about this long on two idle cores. */
const runMs = 22_000;
const moments = Array.from({ length: kills }, () => Math.round(random() * runMs));

let out: string;
beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'gauntlet-lifetime-'));
});
afterAll(() => rm(out, { recursive: true, force: true }));

const start = (...args: string[]) =>
  execa(process.execPath, ['--disable-warning=ExperimentalWarning', main, ...args], {
    reject: false,
    env: { GAUNTLET_OUT: out, NO_COLOR: '1' },
    stdin: 'ignore',
  });

/** Processes that name the folder of the runs, mounts below it and links of the machine's own network. */
async function traces(): Promise<{
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly links: readonly string[];
}> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return {
    processes: commands.filter((command) => command.includes(out)).map((command) => command.replaceAll('\0', ' ')),
    mounts: mounts.split('\n').filter((line) => line.includes(out)),
    links: await readdir('/sys/class/net'),
  };
}

/** The kernel ends a killed run's namespaces on its own; that takes a moment, which is waited for and not assumed. */
async function untilNothingIsLeft(links: readonly string[]): Promise<void> {
  await expect.poll(traces, { timeout: 20_000, interval: 100 }).toEqual({ processes: [], mounts: [], links });
}

function hasBegun(directory: string): boolean {
  return existsSync(join(directory, journalFile)) && readJournal(directory).events.length > 0;
}

test.each(moments)('killed after %d ms, a run leaves nothing but its folder, and what it measured can be read', async (moment) => {
  const { links } = await traces();
  const before = new Set(await readdir(out));
  const run = start('run', 'boot-gatewayclass', 'routing-', '--budget', 'traffic=20');
  await pause(moment);
  run.kill('SIGKILL');
  const { signal } = await run;
  await untilNothingIsLeft(links);
  const [folder] = (await readdir(out)).filter((name) => !before.has(name));
  // Killed before its first event, it has measured nothing.
  if (folder === undefined || !hasBegun(join(out, folder))) return;
  const document = readDocument(join(out, folder));
  expect(document.run.runId).toBe(folder);
  // A quick machine may have been done before it could be killed, and one that was killed in its last moment had written its end.
  expect(document.verdict).toBe(document.finished ? 'pass' : 'incomplete');
  if (signal !== 'SIGKILL') expect(document.finished).toBe(true);
});

test('two runs at once both pass, after any number of killed ones', async () => {
  const { links } = await traces();
  const [first, second] = await Promise.all([start('run', 'boot-gatewayclass', 'routing-'), start('run', 'routing-', 'boot-gatewayclass')]);
  expect({ exitCode: first.exitCode, summary: first.stdout }).toMatchObject({ exitCode: 0 });
  expect({ exitCode: second.exitCode, summary: second.stdout }).toMatchObject({ exitCode: 0 });
  await untilNothingIsLeft(links);
});
