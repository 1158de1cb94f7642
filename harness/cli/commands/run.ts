// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { defaultJobs, shard, wholeNumber, withSessionOptions } from '../options.ts';
import { executeChecksCommand, type ChecksOptions } from '../session/checks-command.ts';

/** `gauntlet run`: the checks, on a cluster and gateway of their own. */
export function runCommand(): Command {
  return withSelectionOptions(
    withSessionOptions(
      new Command('run')
        .description('Bring up a cluster with the gateway and run the checks')
        .option('--bail [failures]', 'stop after this many failures (1 if no number is given)', wholeNumber(1))
        .option('--repeat <n>', 'run each check n times; one that passes only sometimes is flaky, and flaky is red', wholeNumber(1), 1)
        .option('--last-failed', 'only the checks that did not pass in the last run', false),
    ),
  ).action(async (patterns: readonly string[], options: ChecksOptions) => {
    process.exitCode = await executeChecksCommand('run', patterns, options);
  });
}

/** Adds the options that say which checks are executed, and how many at once. */
export function withSelectionOptions(command: Command): Command {
  return command
    .argument(
      '[checks...]',
      'ids, beginnings of ids (extauth), features (authentication.jwt), files or folders (suites/portable/mtls); all by default',
    )
    .option('--priority <P0|P1>', 'only checks of this priority')
    .option('--list', 'list the selected checks and end', false)
    .option('--dry-run', 'print the plan and end', false)
    .option('--json', 'print --list and --dry-run as JSON', false)
    .option('--shard <i/n>', 'the i-th of n equal slices', shard)
    .option('-j, --jobs <n>', 'checks at once', wholeNumber(1), defaultJobs())
    .option('--seed <n>', 'order of the checks; printed by every run', wholeNumber(0));
}
