// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { readDocument } from '../../run/journal.ts';
import { printSummary, writeReports } from '../session/output.ts';
import { runDirectory, runIds } from '../session/runs.ts';

/** `gauntlet report`: what a run measured, also one that was killed. */
export function reportCommand(): Command {
  return new Command('report')
    .description('Render the reports of a run again from its journal, also of one that was killed')
    .argument('[run]', 'id or folder of the run; the newest by default')
    .option('--list', 'list the runs and end', false)
    .action(async (run: string | undefined, { list }: { readonly list: boolean }) => {
      if (list) {
        process.stdout.write(
          runIds()
            .map((id) => `${id}\n`)
            .join(''),
        );
        return;
      }
      const directory = runDirectory(run);
      const document = readDocument(directory);
      await writeReports(document, directory);
      printSummary(document, directory);
    });
}
