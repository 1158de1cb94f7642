// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { asGauntletError, GauntletError } from '../../errors.ts';
import { entrySchema, type TrendEntry } from './entry.ts';

/** Name of the trend within its folder: one run a line, only ever appended to. */
export const trendFile = 'trend.ndjson';

const lineSchema = z.strictObject({ sha256: z.string(), entry: entrySchema });

/**
 * Reads a trend. Each line carries a checksum of itself and of all lines before it.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID` if a line was changed, moved, cut off or taken out. That the last lines are missing is not seen.
 */
export function readTrend(folder: string): readonly TrendEntry[] {
  return linesOf(folder).map(({ entry }) => entry);
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
    throw asGauntletError(error);
  }
}

function linesOf(folder: string): readonly z.infer<typeof lineSchema>[] {
  const file = join(folder, trendFile);
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw changed(file, text.split('\n').length);
  let before = '';
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const parsed = lineSchema.safeParse(jsonOf(line));
      // The text too: a byte that JSON does not care about was still not written by us.
      if (!parsed.success || parsed.data.sha256 !== checksum(before, parsed.data.entry) || JSON.stringify(parsed.data) !== line)
        throw changed(file, index + 1);
      before = parsed.data.sha256;
      return parsed.data;
    });
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

const changed = (file: string, line: number): GauntletError =>
  new GauntletError('GAUNTLET_CONFIG_INVALID', `Line ${line} of ${file} is not what was written`, {
    hint: 'Bring the file back from a copy, or begin a trend in another folder.',
  });
