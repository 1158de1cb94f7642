// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { compareRuns } from '../../../reports/diff/compare.ts';
import { comparisonAsCsv, printComparison } from '../../../reports/diff/print.ts';
import { GauntletError } from '../../errors.ts';
import { assertSameEmulation } from '../../run/emulation.ts';
import { readRun } from '../session/runs.ts';

/** `gauntlet diff`: what came out otherwise in one run than in another. */
export function diffCommand(): Command {
  return new Command('diff')
    .description('Compare what the checks of some runs came to, or the cells of the lifecycle matrix; exit code 1 if any differs')
    .argument('<runs...>', 'ids or folders of two runs or more')
    .option('--csv', 'print every check, a line each and a run a column')
    .action((runs: readonly string[], { csv }: { readonly csv?: true }) => {
      if (runs.length < 2)
        throw new GauntletError('GAUNTLET_USAGE', 'One run alone differs from nothing', {
          hint: 'Name two runs; gauntlet report --list lists them.',
        });
      const documents = runs.map((run) => readRun(run).document);
      assertSameEmulation(documents);
      const comparison = compareRuns(documents);
      process.stdout.write(`${csv === true ? comparisonAsCsv(comparison) : printComparison(comparison)}\n`);
      process.exitCode = comparison.different.length > 0 ? 1 : 0;
    });
}
