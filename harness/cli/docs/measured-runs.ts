// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asGauntletError, GauntletError, isErrno, messageOf } from '../../errors.ts';
import { measuredRunSchema, type MeasuredRun } from '../../bench/measured-run.ts';

const named = /^measured-.+\.json$/;

/**
 * The runs that are kept in a folder, by id; none if there is no such folder.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if a file is no such run.
 */
export function readMeasuredRuns(folder: string): readonly MeasuredRun[] {
  return filesIn(folder)
    .filter((name) => named.test(name))
    .sort()
    .map((name) => readMeasuredRun(join(folder, name)));
}

/**
 * Keeps a run in a folder, in a file of its own, and says in which. What is kept of it already is replaced.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if the folder cannot be written to, `GAUNTLET_DISK_FULL`.
 */
export function keepMeasuredRun(folder: string, run: MeasuredRun): string {
  const file = join(folder, `measured-${run.runId}.json`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${JSON.stringify(measuredRunSchema.parse(run), undefined, 2)}\n`);
  } catch (error) {
    if (!isErrno(error) || error.code === 'ENOSPC') throw asGauntletError(error);
    throw new GauntletError('GAUNTLET_USAGE', `${file} cannot be written: ${error.message}`, {
      hint: 'Name a folder, as in --data docs/data.',
      cause: error,
    });
  }
  return file;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return [];
    throw asGauntletError(error);
  }
}

function readMeasuredRun(file: string): MeasuredRun {
  try {
    return measuredRunSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${file} is not what a run measured: ${messageOf(error)}`, {
      hint: 'gauntlet load publish RUN --data docs/data writes it anew.',
      cause: error,
    });
  }
}
