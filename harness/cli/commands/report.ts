// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { assertEvidence } from '../../run/evidence-files.ts';
import { printSummary, writeReports } from '../session/output.ts';
import { readRun, runIds } from '../session/runs.ts';

/** `gauntlet report`: what a run measured, also one that was killed. */
export function reportCommand(): Command {
  return new Command('report')
    .description(
      'Render the reports of a run again from its journal, byte for byte, also of one that was killed; refuse a run that was changed',
    )
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
      const { directory, document } = readRun(run);
      assertEvidence(directory, document);
      await writeReports(document, directory);
      printSummary(document, directory);
    });
}
