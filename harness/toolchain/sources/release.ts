// SPDX-License-Identifier: Apache-2.0
import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { runLogged } from '../run-logged.ts';
import type { ReleaseSource } from '../tool.ts';
import type { Preparation, Prepared } from './preparation.ts';

/** Downloads the binary that the project published, checked by the SHA-256 pinned in the definition. */
export async function prepareFromRelease(source: ReleaseSource, preparation: Preparation): Promise<Prepared> {
  const { definition, architecture, scratch, content, log, signal, downloader } = preparation;
  const url = new URL(forArchitecture(source.url));
  const download = join(scratch, 'download');
  await downloader.file({ url, sha256: source.sha256[architecture], destination: download, signal });
  const output = join(content, definition.outputs[0]);
  if (source.member === undefined) {
    await rename(download, output);
  } else {
    const member = forArchitecture(source.member);
    await runLogged(
      { file: 'tar', args: ['-xzf', download, '-C', scratch, member] },
      { log, attempt: `unpack ${definition.name}`, signal },
    );
    await rename(join(scratch, member), output);
  }
  await chmod(output, 0o755);
  return { origin: 'download', provenance: `release from ${url.host}` };

  function forArchitecture(template: string): string {
    return template.replaceAll('{arch}', architecture);
  }
}
