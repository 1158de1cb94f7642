// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastLines, tailOf } from './log-tail.ts';

test('the last lines, without empty ones', () => {
  expect(tailOf('a\nb\n\nc\n', 2)).toEqual(['b', 'c']);
  expect(tailOf('', 2)).toEqual([]);
});

test('of a long log only its end is read, and a missing log has no lines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gauntlet-log-'));
  const path = join(folder, 'long.log');
  await writeFile(path, `${'x'.repeat(100_000)}\n${Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n')}\n`);
  expect(await lastLines(path, 2)).toEqual(['line 48', 'line 49']);
  expect(await lastLines(join(folder, 'none.log'))).toEqual([]);
  await rm(folder, { recursive: true });
});
