// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GauntletError, messageOf } from '../errors.ts';

const alreadyLocked = 75;
const nonBlocking = ['--nonblock', '--conflict-exit-code', String(alreadyLocked)];

/** How a lock is taken. */
export interface LockOptions {
  /** Called once if another process holds the lock, before waiting for it. */
  readonly onWait?: () => void;
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does some work while holding an exclusive lock between processes.
 *
 * The lock is the kernel's (`flock`), held by a child whose standard input ends with this process: however this process dies, the lock is free
 * at once and nothing stale stays behind. The file itself stays, empty.
 *
 * @throws GauntletError `GAUNTLET_OS_PACKAGE_MISSING` without util-linux, `GAUNTLET_INTERRUPTED` when the signal ends the wait,
 * `GAUNTLET_CONFIG_INVALID` if the folder of the lock cannot be made.
 */
export async function withLock<T>(path: string, { onWait, signal }: LockOptions, work: () => Promise<T>): Promise<T> {
  await makeFolder(dirname(path));
  let child = await holdLock(path, nonBlocking, signal);
  if (child === undefined) {
    onWait?.();
    child = await holdLock(path, [], signal);
  }
  if (child === undefined)
    throw new GauntletError('GAUNTLET_INTERNAL', `flock would not wait for ${path}`, {
      hint: 'Report this with the version of util-linux.',
    });
  return releasing(child, work);
}

/**
 * Does some work if the lock is free, and says whether it was.
 *
 * @throws GauntletError as {@link withLock}.
 */
export async function ifLockIsFree(path: string, work: () => Promise<void>): Promise<boolean> {
  await makeFolder(dirname(path));
  const child = await holdLock(path, nonBlocking, undefined);
  if (child === undefined) return false;
  await releasing(child, work);
  return true;
}

async function releasing<T>(child: ChildProcess, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
  }
}

/** The child that holds the lock, or undefined if another process has it. */
async function holdLock(path: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<ChildProcess | undefined> {
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) throw interrupted(path);
  // `cat` prints the greeting only once the lock is held, and then lives until its standard input ends.
  const child = spawn('flock', [...flags, path, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const abort = (): void => void child.kill();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const status = await Promise.race([once(child.stdout, 'data').then(() => 'held' as const), exitCode(child)]);
    if (status === 'held') return child;
    if (isAborted()) throw interrupted(path);
    if (status === alreadyLocked) return undefined;
    throw new GauntletError('GAUNTLET_INTERNAL', `flock ended with status ${String(status)} on ${path}`, {
      hint: 'Check that the folder can be written to.',
    });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  } catch (error) {
    throw new GauntletError('GAUNTLET_OS_PACKAGE_MISSING', 'flock could not be started', {
      hint: 'Install the package util-linux.',
      cause: error,
    });
  }
}

function interrupted(path: string): GauntletError {
  return new GauntletError('GAUNTLET_INTERRUPTED', `Interrupted while waiting for another process that holds ${path}`, {
    hint: 'Run the same command again.',
  });
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `The folder ${path} cannot be made: ${messageOf(error)}`, {
      hint: 'Put the cache into a folder that can be written to, with GAUNTLET_CACHE.',
      cause: error,
    });
  }
}
