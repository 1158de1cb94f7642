// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError, isErrno } from '../errors.ts';
import type { RunDocument } from './document.ts';

/**
 * Refuses evidence that is not what was gathered. A file that is gone is no reason: the reports say so where it would stand. What an older Gauntlet gathered has no checksums.
 *
 * @throws GauntletError `GAUNTLET_CONFIG_INVALID`
 */
export function assertEvidence(directory: string, { checks }: Pick<RunDocument, 'checks'>): void {
  const executions = checks.flatMap((check) => check.executions);
  const pieces = executions.flatMap(({ evidence }) =>
    evidence.flatMap(({ file, sha256 }) => (sha256 === undefined ? [] : [[file, sha256] as const])),
  );
  // A file that was written twice is what was written last.
  for (const [file, sha256] of new Map(pieces)) {
    const path = join(directory, file);
    const content = readIfThere(path);
    if (content === undefined || createHash('sha256').update(content).digest('hex') === sha256) continue;
    throw new GauntletError('GAUNTLET_CONFIG_INVALID', `${path} is not what was gathered`, {
      hint: 'Bring it back from a copy; or remove it, and the reports do without.',
    });
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
