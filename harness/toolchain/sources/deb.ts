// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Architecture } from '../../platform.ts';
import { runLogged } from '../run-logged.ts';
import type { DebSource } from '../tool.ts';
import type { Preparation, Prepared } from './preparation.ts';

/**
 * Fetches Debian packages from the sources that this machine has configured, checked by apt's own signatures, and unpacks them.
 * apt works in a state of its own, so that neither the machine's lists nor its foreign architectures change.
 */
export async function prepareFromDeb(source: DebSource, { architecture, content, scratch, log, signal }: Preparation): Promise<Prepared> {
  const attempt = `download the Debian packages ${source.packages.join(', ')} for ${architecture}`;
  const options = await ownState(join(scratch, 'apt'), architecture);
  const downloads = join(scratch, 'packages');
  await mkdir(downloads);
  await runLogged({ file: 'apt-get', args: [...options, 'update'] }, { log, attempt, signal });
  await runLogged({ file: 'apt-get', args: [...options, 'download', ...source.packages], cwd: downloads }, { log, attempt, signal });
  const files = (await readdir(downloads)).sort();
  for (const file of files) {
    await runLogged({ file: 'dpkg-deb', args: ['--extract', join(downloads, file), content] }, { log, attempt: `unpack ${file}`, signal });
  }
  for (const [output, moved] of Object.entries(source.elsewhere ?? {})) {
    if (existsSync(join(content, output))) continue;
    await mkdir(dirname(join(content, output)), { recursive: true });
    await rename(join(content, moved), join(content, output));
  }
  return { origin: 'download', provenance: files.map((file) => decodeURIComponent(file.replace(/\.deb$/, ''))).join(', ') };
}

async function ownState(directory: string, architecture: Architecture): Promise<string[]> {
  const status = join(directory, 'status');
  await mkdir(join(directory, 'lists', 'partial'), { recursive: true });
  await mkdir(join(directory, 'archives', 'partial'), { recursive: true });
  await writeFile(status, '');
  const settings = {
    'Dir::State': directory,
    'Dir::State::status': status,
    'Dir::Cache': directory,
    'APT::Architecture': architecture,
    'APT::Architectures::': architecture,
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  return ['-qq', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}
