// SPDX-License-Identifier: Apache-2.0
import { Command } from 'commander';
import { printReplay } from '../../../reports/bench/print-replay.ts';
import { replay } from '../../bench/replay.ts';
import { readDocument } from '../../run/journal.ts';
import { runDirectory } from '../session/runs.ts';

/** `gauntlet bench replay`: decides again from what was recorded. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('Decide again from the windows that a run of the gate recorded, and say what the rules of others make of them')
    .argument('[run]', 'id or folder of a run; the newest by default')
    .action((run: string | undefined) => {
      const replayed = replay(readDocument(runDirectory(run)));
      process.stdout.write(`${printReplay(replayed)}\n`);
      const verdicts = new Set(replayed.map(({ decision }) => decision.verdict));
      process.exitCode = verdicts.has('fail') ? 1 : verdicts.has('inconclusive') ? 3 : 0;
    });
}
