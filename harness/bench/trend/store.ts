// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { asGauntletError, GauntletError, isErrno } from '../../errors.ts';
import { entrySchema, type TrendEntry } from './entry.ts';

/** Name of the trend within its folder: one run a line, only ever appended to. */
export const trendFile = 'trend.ndjson';

const lineSchema = z.strictObject({ sha256: z.string(), entry: entrySchema });

/**
 * Reads a trend. Each line carries a checksum of itself and of all lines before it.
 *
 * @throws GauntletError `GAUNTLET_USAGE` if there is none; `GAUNTLET_CONFIG_INVALID` if a line was changed, moved, cut off or taken out. That the last lines are missing is
 * not seen.
 */
export function readTrend(folder: string): readonly TrendEntry[] {
  const lines = linesOf(folder);
  if (lines.length > 0) return lines.map(({ entry }) => entry);
  throw new GauntletError('GAUNTLET_USAGE', `There is no trend in ${folder}`, {
    hint: `gauntlet trend add --store ${folder} begins one with the newest run.`,
  });
}

/**
 * Adds a run.
 *
 * @throws GauntletError as {@link readTrend}; `GAUNTLET_USAGE` if the run is in it.
 */
export function addToTrend(folder: string, added: TrendEntry): void {
  // With its fields in the order in which they are read.
  const entry = entrySchema.parse(added);
  const lines = linesOf(folder);
  if (lines.some((line) => line.entry.runId === entry.runId)) {
    throw new GauntletError('GAUNTLET_USAGE', `Run ${entry.runId} is part of the trend in ${folder} already`, {
      hint: 'Each run counts once.',
    });
  }
  try {
    mkdirSync(folder, { recursive: true });
    appendFileSync(join(folder, trendFile), `${JSON.stringify({ sha256: checksum(lines.at(-1)?.sha256 ?? '', entry), entry })}\n`);
  } catch (error) {
    throw unreachable(folder, error);
  }
}

function linesOf(folder: string): readonly z.infer<typeof lineSchema>[] {
  const file = join(folder, trendFile);
  const text = textOf(folder);
  if (text !== '' && !text.endsWith('\n')) throw changed(`Line ${text.split('\n').length} of ${file} is cut off`);
  let before = '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const parsed = lineSchema.safeParse(jsonOf(line));
      if (!parsed.success) throw changed(`Line ${index + 1} of ${file} is no line of a trend`);
      // The text too: a byte that JSON does not care about was still not written by us.
      if (parsed.data.sha256 !== checksum(before, parsed.data.entry) || JSON.stringify(parsed.data) !== line)
        throw changed(`Line ${index + 1} of ${file} is not what was written, or is not where it was: its checksum does not fit`);
      before = parsed.data.sha256;
      return parsed.data;
    });
}

function textOf(folder: string): string {
  try {
    return readFileSync(join(folder, trendFile), 'utf8');
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return '';
    throw unreachable(folder, error);
  }
}

const checksum = (before: string, entry: TrendEntry): string =>
  createHash('sha256')
    .update(`${before}\n${JSON.stringify(entry)}`)
    .digest('hex');

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const changed = (message: string): GauntletError =>
  new GauntletError('GAUNTLET_CONFIG_INVALID', message, { hint: 'Bring the file back from a copy, or begin a trend in another folder.' });

/** A full disk is a failure of the machine; a folder that is none, or belongs to somebody else, a mistake in what was asked. */
function unreachable(folder: string, error: unknown): GauntletError {
  if (!isErrno(error) || error.code === 'ENOSPC') return asGauntletError(error);
  return new GauntletError('GAUNTLET_USAGE', `The trend in ${folder} cannot be read or written: ${error.message}`, {
    hint: 'Name a folder that is yours with --store; it is made if it is not there.',
    cause: error,
  });
}
