// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command } from 'commander';
import { printDistributed } from '../../../reports/load/distributed.ts';
import { mergeRunners } from '../../bench/k6-operator/merge.ts';
import { readRunnerReport } from '../../bench/k6-operator/runner-report.ts';
import { GauntletError, messageOf } from '../../errors.ts';

/** `gauntlet load merge`: what the runners of an operator did, as one result. */
export function loadMergeCommand(): Command {
  return new Command('merge')
    .description('Put the reports of all runners of a rendered scenario together: counts are added up, and percentiles taken from the sum')
    .argument('<logs...>', 'a file for each runner, with the log of its pod')
    .option('--json', 'print it as JSON, with all counts', false)
    .action((logs: readonly string[], { json }: { readonly json: boolean }) => {
      const result = mergeRunners(logs.map((file) => readRunnerReport(read(file), basename(file))));
      process.stdout.write(
        json ? `${JSON.stringify({ ...result, latency: [...result.latency] }, undefined, 2)}\n` : `${printDistributed(result)}\n`,
      );
      process.exitCode = result.invalid === undefined ? 0 : 3;
    });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new GauntletError('GAUNTLET_USAGE', `${file} cannot be read: ${messageOf(error)}`, {
      hint: 'kubectl logs writes one, of each pod with the labels k6_cr=<name> and runner=true.',
      cause: error,
    });
  }
}
