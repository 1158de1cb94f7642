// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder for the test that runs now, removed when it ends. */
export function temporaryFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'gauntlet-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
