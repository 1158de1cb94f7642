// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { GauntletError } from '../../errors.ts';
import type { RunDocument } from '../../run/document.ts';
import { journalFile, readDocument } from '../../run/journal.ts';
import { runsDirectory } from '../paths.ts';

/** Ids of the runs on this machine that left a journal, oldest first. */
export function runIds(): readonly string[] {
  const directory = runsDirectory();
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => existsSync(join(directory, name, journalFile)))
    .sort();
}

/**
 * The folder of a run: by its id, by a path, or the newest if nothing is said.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if there is no such run.
 */
export function runDirectory(run: string | undefined): string {
  const id = run ?? runIds().at(-1);
  const directory = id === undefined ? undefined : isAbsolute(id) || existsSync(join(id, journalFile)) ? id : join(runsDirectory(), id);
  if (directory !== undefined && existsSync(join(directory, journalFile))) return directory;
  throw new GauntletError('GAUNTLET_USAGE', run === undefined ? 'There is no run yet' : `There is no run ${run}`, {
    hint: runIds().length === 0 ? 'gauntlet run makes one.' : `The newest runs are ${runIds().slice(-5).join(', ')}.`,
  });
}

/**
 * A run by its id, by a path, or the newest if nothing is said. Where its journal has no checksums, a person is told: a change would not be seen.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if there is no such run, `GAUNTLET_CONFIG_INVALID` if its journal or document is not what was written.
 */
export function readRun(run: string | undefined): { readonly directory: string; readonly document: RunDocument } {
  const directory = runDirectory(run);
  const document = readDocument(directory);
  if (document.journal === undefined) {
    process.stderr.write(
      `Run ${document.run.runId} has no checksums, as an older Gauntlet wrote it: whether it is what was written cannot be told.\n`,
    );
  }
  return { directory, document };
}

/**
 * The newest run that executed checks.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if there is none.
 */
export function lastRun(): RunDocument {
  for (const id of runIds().toReversed()) {
    const document = readDocument(join(runsDirectory(), id));
    if (document.checks.length > 0) return document;
  }
  throw new GauntletError('GAUNTLET_USAGE', 'There is no earlier run whose failures could be run again', {
    hint: 'Leave --last-failed out.',
  });
}
