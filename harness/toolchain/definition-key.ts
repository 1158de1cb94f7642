// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ToolDefinition, ToolSource } from './tool.ts';

/** Folder of the Go modules that tools are built from. */
export const modulesDirectory = join(import.meta.dirname, 'modules');

/**
 * Digest of everything that decides the content of a tool: its version, outputs, sources and the files of its Go module. A change of any of
 * them gives another cache entry; a change of a title does not.
 */
export function definitionKey({ name, version, outputs, sources }: ToolDefinition): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ name, version, outputs, sources }));
  for (const module of new Set(sources.flatMap(moduleOf))) {
    const directory = join(modulesDirectory, module);
    for (const file of filesOf(directory)) hash.update(`\0${file}\0`).update(readFileSync(join(directory, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

function moduleOf(source: ToolSource): string[] {
  return 'module' in source ? [source.module] : [];
}

/** Folders of a module hold programs that work with the same dependencies and are no part of a tool. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}
