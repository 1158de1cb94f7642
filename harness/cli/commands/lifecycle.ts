// SPDX-License-Identifier: Apache-2.0
import { Command, Option } from 'commander';
import { defaultCells, shard, wholeNumber, withSessionOptions } from '../options.ts';
import { executeLifecycleCommand, type LifecycleOptions } from '../session/lifecycle-command.ts';

/** `gauntlet lifecycle`: what happens to security policies when they, and what is around them, change. */
export function lifecycleCommand(): Command {
  return withSessionOptions(
    new Command('lifecycle')
      .description('Attack every policy through every event of its life, on every level, and count what gets through')
      .argument('[cells...]', 'policies, events, groups of events (policy, peer, reference, ...), levels, or ids of cells; all by default')
      .addOption(new Option('--profile <name>', 'pr: the most telling cells only').choices(['full', 'pr']).default('full'))
      .option('--tries <n>', 'play each cell n times: a race that shows in 1 of 20 tries is found by asking for them', wholeNumber(1), 1)
      .addOption(
        new Option('--resume [run]', 'go on with the cells that an earlier run (the last one, if not named) did not get to').conflicts([
          'profile',
          'tries',
          'prove',
          'shard',
          'seed',
        ]),
      )
      .option('--prove', 'also open each policy by force, which must be seen', false)
      .option('--list', 'list the cells, also those that cannot exist and why, and end', false)
      .option('--shard <i/n>', 'the i-th of n equal slices', shard)
      .option('-j, --jobs <n>', 'cells at once', wholeNumber(1), defaultCells())
      .option('--seed <n>', 'order of the cells; printed by every run', wholeNumber(0)),
  ).action(async (words: readonly string[], options: LifecycleOptions) => {
    process.exitCode = await executeLifecycleCommand(words, options);
  });
}
