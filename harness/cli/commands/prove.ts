// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { withSessionOptions } from '../options.ts';
import { executeChecksCommand, type ChecksOptions } from '../session/checks-command.ts';
import { withSelectionOptions } from './run.ts';

/** `gauntlet prove`: every check once as it is, and once under each of its sabotages. */
export function proveCommand(): Command {
  return withSelectionOptions(
    withSessionOptions(new Command('prove').description('Show that each check fails under each of its sabotages, and passes without')),
  ).action(async (patterns: readonly string[], options: ChecksOptions) => {
    process.exitCode = await executeChecksCommand('prove', patterns, options);
  });
}
