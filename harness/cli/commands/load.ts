// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { wholeNumber, withSessionOptions } from '../options.ts';
import { loadMergeCommand } from './load-merge.ts';
import { loadPublishCommand } from './load-publish.ts';
import { loadRenderCommand } from './load-render.ts';
import { executeLoadCommand, type LoadOptions } from '../session/load-command.ts';

/** `gauntlet load`: measures one gateway. */
export function loadCommand(): Command {
  return withSessionOptions(
    new Command('load')
      .description('Measure a gateway under load: throughput, route scale, propagation, and what changes cost its users')
      .argument('[scenarios...]', 'ids of scenarios, or beginnings of ids up to a dash; all by default')
      .option('--prove', 'also play each scenario with a fault that it must find', false)
      .option('--list', 'list the scenarios, and end', false)
      .option('--seed <n>', 'order of the scenarios; printed by every run', wholeNumber(0)),
  )
    .addCommand(loadRenderCommand())
    .addCommand(loadMergeCommand())
    .addCommand(loadPublishCommand())
    .action(async (scenarios: readonly string[], options: LoadOptions) => {
      process.exitCode = await executeLoadCommand(scenarios, options);
    });
}
