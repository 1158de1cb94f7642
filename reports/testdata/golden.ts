// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/**
 * Compares a rendered report with the golden file at `url`. `UPDATE_GOLDEN=1 npx vitest run --project unit reports` writes all of them anew:
 * read the difference before you commit it.
 */
export async function expectGolden(actual: string, url: URL): Promise<void> {
  const file = fileURLToPath(url);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, actual);
  }
  expect(actual).toBe(await readFile(file, 'utf8'));
}
