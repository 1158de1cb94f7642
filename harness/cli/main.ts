// SPDX-License-Identifier: Apache-2.0
import { CommanderError } from 'commander';
import { asGauntletError, isErrno } from '../errors.ts';
import { createProgram } from './program.ts';
import { reportError } from './report-error.ts';

try {
  await createProgram().parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message and hint; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const failure = asGauntletError(error);
    reportError(failure, process.stderr, { verbose: process.argv.includes('--verbose') });
    process.exitCode = failure.exitCode;
  }
}

const lost = (await Promise.all([process.stdout, process.stderr].map(drained))).find(isFullDisk);
if (lost !== undefined && !process.exitCode) {
  const failure = asGauntletError(lost);
  reportError(failure, process.stderr, { verbose: false });
  process.exitCode = failure.exitCode;
}
// What is still open now (a log of a process that was killed) must not keep a finished command from ending.
process.exit();

/** Returns once everything that was written has left, or why it could not: a pipe takes no more than its reader does. */
function drained(stream: NodeJS.WriteStream): Promise<unknown> {
  return new Promise((resolve) => {
    stream.once('error', resolve);
    stream.write('', resolve);
  });
}

/** A reader that has enough, and closes the pipe, is none of our business. */
function isFullDisk(error: unknown): boolean {
  return isErrno(error) && error.code === 'ENOSPC';
}
