// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GauntletError } from '../../errors.ts';
import { hostArchitecture } from '../../platform.ts';
import { copyTree, makeProgramsExecutable, moveOutputs } from '../file-tree.ts';
import { runLogged } from '../run-logged.ts';
import type { NpmSource } from '../tool.ts';
import type { Preparation, Prepared } from './preparation.ts';

const nodeModules = join(import.meta.dirname, '..', '..', '..', 'node_modules');

/** Takes the outputs from the installed package, which npm has checked, else fetches it by `npm pack` and checks the pinned integrity. */
export async function prepareFromNpm(source: NpmSource, preparation: Preparation): Promise<Prepared> {
  const { definition, architecture, content } = preparation;
  const { name } = source.packages[architecture];
  const provenance = `npm package ${name} ${definition.version}`;
  const installed = join(nodeModules, name);
  if (architecture === hostArchitecture() && (await installedVersion(installed)) === definition.version) {
    for (const [output, path] of Object.entries(source.paths)) await copyTree(join(installed, path), join(content, output));
    return { origin: 'download', provenance };
  }
  await moveOutputs(await downloadPackage(source, preparation), source.paths, content);
  await makeProgramsExecutable(content);
  return { origin: 'download', provenance };
}

async function installedVersion(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as { version?: string }).version;
}

async function downloadPackage(source: NpmSource, { definition, architecture, scratch, log, signal }: Preparation): Promise<string> {
  const { name, integrity } = source.packages[architecture];
  const specifier = `${name}@${definition.version}`;
  const printed = await runLogged(
    { file: 'npm', args: ['pack', specifier, '--json', '--pack-destination', scratch], cwd: scratch },
    { log, attempt: `download the npm package ${specifier}`, signal },
  );
  const [packed] = JSON.parse(printed) as { filename: string }[];
  const archive = join(scratch, packed?.filename ?? '');
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found !== integrity) {
    throw new GauntletError(
      'GAUNTLET_TOOL_BUILD_FAILED',
      `${specifier} was refused: its integrity is ${found}, package-lock.json pins ${integrity}`,
      {
        hint: 'The registry gave another file than the one that was pinned: check which registry npm uses.',
      },
    );
  }
  await runLogged({ file: 'tar', args: ['-xzf', archive, '-C', scratch] }, { log, attempt: `unpack ${specifier}`, signal });
  return join(scratch, 'package');
}
