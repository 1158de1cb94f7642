// SPDX-License-Identifier: Apache-2.0
import { architectures } from '../../platform.ts';
import type { ToolDefinition } from '../tool.ts';

/** A definition with its name kept as a literal type; both architectures by default. */
export function defineTool<const Name extends string>(
  definition: Omit<ToolDefinition<Name>, 'architectures'> & Partial<Pick<ToolDefinition, 'architectures'>>,
): ToolDefinition<Name> {
  return { architectures, ...definition };
}
