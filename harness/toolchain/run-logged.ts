// SPDX-License-Identifier: Apache-2.0
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa, ExecaError } from 'execa';
import { GauntletError } from '../errors.ts';
import { endingWithParent, type Command } from '../process/command.ts';

const shownLines = 15;

/** Where the output of a command goes, and what ends it. */
export interface RunLoggedOptions {
  /** File that everything the command prints is added to. */
  readonly log: string;
  /** What is being done, for the message of a failure: `build kubelet`. */
  readonly attempt: string;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command to its end, with its output in a log file, and returns what it printed on standard output. It never outlives this process.
 *
 * @throws GauntletError `GAUNTLET_TOOL_BUILD_FAILED` with the last lines of its output and the path of the log, `GAUNTLET_DISK_FULL`,
 * `GAUNTLET_INTERRUPTED`.
 */
export async function runLogged(command: Command, { log, attempt, signal }: RunLoggedOptions): Promise<string> {
  await mkdir(dirname(log), { recursive: true });
  const { file, args } = endingWithParent(command);
  const toLog = { file: log, append: true } as const;
  try {
    const { stdout } = await execa(file, args, {
      stdin: 'ignore',
      stdout: ['pipe', toLog],
      stderr: ['pipe', toLog],
      all: true,
      killSignal: 'SIGKILL',
      ...(command.env && { env: command.env }),
      ...(command.cwd !== undefined && { cwd: command.cwd }),
      ...(signal && { cancelSignal: signal }),
    });
    return stdout;
  } catch (error) {
    throw error instanceof ExecaError ? failure(error as ExecaError, attempt, log) : error;
  }
}

function failure(error: ExecaError, attempt: string, log: string): GauntletError {
  const output = typeof error.all === 'string' ? error.all : '';
  if (error.isCanceled) {
    return new GauntletError('GAUNTLET_INTERRUPTED', `Interrupted while trying to ${attempt}`, {
      hint: 'Run the same command again: it goes on where it was.',
      cause: error,
    });
  }
  if (/no space left on device/i.test(output) || error.code === 'ENOSPC') {
    return new GauntletError('GAUNTLET_DISK_FULL', `The disk is full: could not ${attempt}`, {
      hint: 'Free some space, or put the cache elsewhere with GAUNTLET_CACHE, and run the same command again.',
      cause: error,
    });
  }
  const lastLines = output.trimEnd().split('\n').slice(-shownLines).join('\n');
  return new GauntletError(
    'GAUNTLET_TOOL_BUILD_FAILED',
    `Could not ${attempt}: ${error.exitCode === undefined ? error.originalMessage : `it ended with status ${error.exitCode}`}\n${lastLines}`,
    {
      hint: `The whole output is in ${log}.`,
      cause: error,
    },
  );
}
