// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { printTrend } from '../../../reports/trend/print.ts';
import { trendEntryOf } from '../../bench/trend/entry.ts';
import { seriesOf } from '../../bench/trend/series.ts';
import { addToTrend, readTrend } from '../../bench/trend/store.ts';
import { readDocument } from '../../run/journal.ts';
import { runDirectory } from '../session/runs.ts';

/** `gauntlet trend`: numbers of many runs, kept in a file. */
export function trendCommand(): Command {
  return new Command('trend')
    .description('Keep what runs measured, and show it over time, each machine for itself')
    .addCommand(
      new Command('add')
        .description('Add the numbers of a run; those of an emulated architecture are refused')
        .argument('[run]', 'id or folder of a run; the newest by default')
        .requiredOption('--store <folder>', 'where the trend is kept')
        .action((run: string | undefined, { store }: { readonly store: string }) =>
          addToTrend(store, trendEntryOf(readDocument(runDirectory(run)))),
        ),
    )
    .addCommand(
      new Command('show')
        .description('Show each number over the runs of one machine, oldest first')
        .requiredOption('--store <folder>', 'where the trend is kept')
        .action(({ store }: { readonly store: string }) => void process.stdout.write(`${printTrend(seriesOf(readTrend(store)))}\n`)),
    );
}
