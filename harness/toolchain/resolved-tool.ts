// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError } from '../errors.ts';
import { hashFile, treeDigest } from './file-tree.ts';
import type { ResolvedTool, ToolDefinition } from './tool.ts';

/** Fields of a {@link ResolvedTool}, and where its outputs are if not in its directory under their names. */
export interface ResolvedToolFields extends Omit<ResolvedTool, 'file' | 'name'> {
  readonly outputs?: Readonly<Record<string, string>>;
}

/** A resolved tool made of its fields. */
export function resolvedTool(definition: ToolDefinition, { outputs, ...fields }: ResolvedToolFields): ResolvedTool {
  return {
    name: definition.name as ResolvedTool['name'],
    ...fields,
    file(name = definition.outputs[0]) {
      const path = outputs?.[name] ?? join(fields.directory, name);
      if (existsSync(path)) return path;
      throw new GauntletError('GAUNTLET_INTERNAL', `${definition.name} has no file ${name} in ${fields.directory}`, {
        hint: `It consists of ${definition.outputs.join(', ')}.`,
      });
    },
  };
}

/** One digest for outputs that lie anywhere. */
export async function digestOutputs(outputs: Readonly<Record<string, string>>): Promise<string> {
  const entries = Object.entries(outputs).map(async ([path, file]) => ({ path, sha256: await hashFile(file), size: 0, mtimeMs: 0 }));
  return treeDigest(await Promise.all(entries));
}
