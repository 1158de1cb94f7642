// SPDX-License-Identifier: Apache-2.0
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GauntletError } from '../../errors.ts';
import { hashFile } from '../file-tree.ts';
import { runLogged } from '../run-logged.ts';
import type { MavenSource } from '../tool.ts';
import type { Preparation, Prepared } from './preparation.ts';

/** Fetches an archive by Maven, as this machine has configured it, compares it with the pinned SHA-256 and unpacks it. */
export async function prepareFromMaven(source: MavenSource, { definition, scratch, content, log, signal }: Preparation): Promise<Prepared> {
  const artifact = `${source.group}:${source.name}:${definition.version}:zip`;
  const attempt = `download ${artifact}, which takes Maven (the package maven)`;
  const copy = ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${scratch}`];
  await runLogged({ file: 'mvn', args: copy, cwd: scratch }, { log, attempt, signal });
  const archive = join(scratch, `${source.name}-${definition.version}.zip`);
  const found = await hashFile(archive);
  if (found !== source.sha256) {
    throw new GauntletError('GAUNTLET_TOOL_BUILD_FAILED', `${artifact} has the SHA-256 ${found} instead of the pinned ${source.sha256}`, {
      hint: 'Remove it from the local Maven repository, and look at where Maven is told to fetch from.',
    });
  }
  const unpacked = join(scratch, 'unpacked');
  await runLogged({ file: 'python3', args: ['-m', 'zipfile', '-e', archive, unpacked] }, { log, attempt: `unpack ${artifact}`, signal });
  await rename(join(unpacked, source.folder), join(content, definition.outputs[0]));
  return { origin: 'download', provenance: `Maven artifact ${artifact}` };
}
