// SPDX-License-Identifier: Apache-2.0
import { CommanderError } from 'commander';
import { asGauntletError } from '../errors.ts';
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

// What is still open now (a stream onto a full disk, a log of a process that was killed) must not keep a finished command from ending.
process.exit();
