// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { wholeNumber, withSessionOptions } from '../options.ts';
import { executeBenchCommand, type BenchOptions } from '../session/bench-command.ts';
import { replayCommand } from './bench-replay.ts';

/** `gauntlet bench`: compares two builds of a gateway under load. */
export function benchCommand(): Command {
  return withSessionOptions(
    new Command('bench')
      .description(
        'Compare a build of the proxy with another one, side by side under the same load: PASS, FAIL, or INCONCLUSIVE (exit code 3)',
      )
      .argument('[loads...]', 'loads to compare under; all by default')
      .option('--baseline <build>', 'release, or the path of a proxy binary or of an image archive', 'release')
      .option('--candidate <build>', 'the same, of what may be worse; without one the release is compared with itself', 'release')
      .option('--prove', 'also make the candidate worse on purpose, which must be found', false)
      .option('--repeat <n>', 'decide so many times, each time from new windows and with new proxies', wholeNumber(1), 1)
      .option('--list', 'list the loads, and end', false)
      .option('--seed <n>', 'order of the windows; printed by every run', wholeNumber(0)),
  )
    .addCommand(replayCommand())
    .action(async (loads: readonly string[], options: BenchOptions) => {
      process.exitCode = await executeBenchCommand(loads, options);
    });
}
