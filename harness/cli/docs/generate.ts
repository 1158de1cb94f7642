// SPDX-License-Identifier: Apache-2.0
// Writes the generated pages of docs, or with --check says which of them are not what the code gives.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from '../../errors.ts';
import { repositoryRoot } from '../paths.ts';
import { generatedPages } from './pages.ts';

const directory = join(repositoryRoot, 'docs');
const check = process.argv.includes('--check');
const stale: string[] = [];
mkdirSync(join(directory, 'generated'), { recursive: true });
for (const { file, content } of await generatedPages()) {
  if (current(file) === content) continue;
  if (check) stale.push(file);
  else writeFileSync(join(directory, file), content);
}
if (stale.length > 0) {
  process.stderr.write(
    `Generated pages are out of date: ${stale.map((file) => `docs/${file}`).join(', ')}\n  next: npm run docs, and commit what it writes\n`,
  );
  process.exitCode = 1;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(join(directory, file), 'utf8');
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
