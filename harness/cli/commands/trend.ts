// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { renderTrend } from '../../../reports/trend/page.ts';
import { printTrend } from '../../../reports/trend/print.ts';
import { trendEntryOf } from '../../bench/trend/entry.ts';
import { numbersCalled, numbersOf, seriesOf } from '../../bench/trend/series.ts';
import { addToTrend, readTrend } from '../../bench/trend/store.ts';
import { asGauntletError, GauntletError, isErrno } from '../../errors.ts';
import { readRun } from '../session/runs.ts';

/** `gauntlet trend`: numbers of many runs, kept in a file. */
export function trendCommand(): Command {
  return new Command('trend')
    .description('Keep what runs measured, and show it over time, each machine for itself')
    .addCommand(
      new Command('add')
        .description('Add the numbers of a run; those of an emulated architecture are refused')
        .argument('[run]', 'id or folder of a run; the newest by default')
        .requiredOption('--store <folder>', 'where the trend is kept')
        .action((run: string | undefined, { store }: { readonly store: string }) => addToTrend(store, trendEntryOf(readRun(run).document))),
    )
    .addCommand(
      new Command('show')
        .description('Show each number over the runs of one machine, oldest first')
        .argument('[numbers...]', 'words of the names of numbers; all by default')
        .requiredOption('--store <folder>', 'where the trend is kept')
        .option('--html <file>', 'draw it as a page of its own')
        .action(async (words: readonly string[], { store, html }: { readonly store: string; readonly html?: string }) => {
          const entries = readTrend(store);
          const numbers = numbersCalled(numbersOf(entries), words);
          if (html === undefined) process.stdout.write(`${printTrend(seriesOf(numbers))}\n`);
          else process.stdout.write(`${write(html, await renderTrend(entries, numbers))}\n`);
        }),
    );
}

function write(file: string, text: string): string {
  try {
    writeFileSync(file, text);
    return file;
  } catch (error) {
    if (!isErrno(error) || error.code === 'ENOSPC') throw asGauntletError(error);
    throw new GauntletError('GAUNTLET_USAGE', `${file} cannot be written: ${error.message}`, {
      hint: 'Name a file in a folder that is there.',
      cause: error,
    });
  }
}
