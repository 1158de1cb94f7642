// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import type { ToolDefinition } from '../tool.ts';

/** A tool of one binary named `example` without any source, changed where the test says. */
export function exampleTool(changes: Partial<ToolDefinition> = {}): ToolDefinition {
  return {
    name: 'example',
    version: '1.2.3',
    title: 'Example',
    purpose: 'Tests',
    outputs: ['example'],
    architectures: ['amd64', 'arm64'],
    expected: seconds(1),
    sources: [],
    ...changes,
  };
}
