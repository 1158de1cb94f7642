// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { printPower } from '../../../reports/bench/print-power.ts';
import { printReplay } from '../../../reports/bench/print-replay.ts';
import { power } from '../../bench/power.ts';
import { replay } from '../../bench/replay.ts';
import { assertSameEmulation } from '../../run/emulation.ts';
import { seededRandom } from '../../run/seed.ts';
import { wholeNumber } from '../options.ts';
import { readRun } from '../session/runs.ts';

interface ReplayOptions {
  readonly power: boolean;
  readonly replays: number;
  readonly seed: number;
}

/** `gauntlet bench replay`: decides again from what was recorded. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Decide again from the windows that runs of the gate recorded, and say what the rules of others make of them')
    .argument('[runs...]', 'ids or folders of runs; the newest by default')
    .option('--power', 'say how often each rule called which candidate worse, in all runs together', false)
    .option('--replays <n>', 'with --power: decide from so many stretches of what was recorded, too', wholeNumber(0), 200)
    .option('--seed <n>', 'with --power: where the stretches begin', wholeNumber(0), 1)
    .action((runs: readonly string[], { power: asPower, replays, seed }: ReplayOptions) => {
      const documents = (runs.length === 0 ? [undefined] : runs).map((run) => readRun(run).document);
      assertSameEmulation(documents);
      if (asPower) {
        process.stdout.write(`${printPower(power(documents, { replays, random: seededRandom(seed) }))}\n`);
        return;
      }
      const replayed = documents.flatMap(replay);
      process.stdout.write(`${printReplay(replayed)}\n`);
      const verdicts = new Set(replayed.map(({ decision }) => decision.verdict));
      process.exitCode = verdicts.has('fail') ? 1 : verdicts.has('inconclusive') ? 3 : 0;
    });
}
