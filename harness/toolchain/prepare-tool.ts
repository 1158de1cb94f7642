// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { asGauntletError, GauntletError } from '../errors.ts';
import type { Mirror } from './mirror.ts';
import type { Preparation, Prepared } from './sources/preparation.ts';
import { prepareFrom } from './sources/prepare-from.ts';

/**
 * Fills the content folder from the mirror or the first source that gives the tool. Why a source did not give it is noted.
 *
 * @throws GauntletError that of the last source if none gives it, mostly `GAUNTLET_TOOL_BUILD_FAILED`; at once what no other source would mend:
 * `GAUNTLET_DISK_FULL`, `GAUNTLET_INTERRUPTED`, `GAUNTLET_OS_PACKAGE_MISSING`.
 */
export async function prepareTool(preparation: Preparation, mirror: Mirror | undefined): Promise<Prepared> {
  const attempts = [
    ...(mirror ? [() => mirror.prepare(preparation)] : []),
    ...preparation.definition.sources.map((source) => () => prepareFrom(source, preparation)),
  ];
  let failure: GauntletError | undefined;
  for (const attempt of attempts) {
    if (failure) {
      preparation.note(failure.message);
      await emptyFolders(preparation);
    }
    try {
      const prepared = await attempt();
      if (prepared) return prepared;
      failure = undefined;
    } catch (error) {
      failure = explained(error, preparation);
      if (failure.code !== 'GAUNTLET_TOOL_BUILD_FAILED') throw failure;
    }
  }
  throw (
    failure ??
    new GauntletError('GAUNTLET_INTERNAL', `${preparation.definition.name} has no source`, { hint: 'Report this as a defect of Gauntlet.' })
  );
}

function explained(error: unknown, { definition, signal }: Preparation): GauntletError {
  if (error instanceof GauntletError || signal?.aborted !== true) return asGauntletError(error);
  return new GauntletError('GAUNTLET_INTERRUPTED', `Interrupted while preparing ${definition.title}`, {
    hint: 'Run the same command again: it goes on where it was.',
    cause: error,
  });
}

/** An attempt that failed half-way must not leave anything in the result of the next one. */
async function emptyFolders({ content, scratch }: Preparation): Promise<void> {
  for (const directory of [content, scratch]) {
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory);
  }
}
