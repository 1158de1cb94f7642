// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { measuredRunOf } from '../../bench/measured-run.ts';
import { keepMeasuredRun } from '../docs/measured-runs.ts';
import { publishedPage } from '../docs/published-page.ts';
import { readRun } from '../session/runs.ts';

/** `gauntlet load publish`: what a run measured beside what others published. */
export function loadPublishCommand(): Command {
  return new Command('publish')
    .description('Show what a run measured beside what others published, as Markdown, or keep it for the page of the documentation')
    .argument('[run]', 'id or folder of a run of load; the newest run by default')
    .option('--data <folder>', 'keep its numbers there; npm run docs makes a page of those in docs/data')
    .action((run: string | undefined, { data }: { readonly data?: string }) => {
      const measured = measuredRunOf(readRun(run).document);
      process.stdout.write(data === undefined ? publishedPage([measured]) : `${keepMeasuredRun(data, measured)}\n`);
    });
}
