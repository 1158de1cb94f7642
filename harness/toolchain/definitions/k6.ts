// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** Load at a fixed rate. The npm package of this name holds no program. */
export const k6 = defineTool({
  name: 'k6',
  version: '1.8.1',
  title: 'k6',
  purpose: 'Load at a fixed rate',
  outputs: ['k6'],
  expected: seconds(50),
  versionProbe: { args: ['version'], pattern: 'k6(?:\\.exe)? v(\\S+)' },
  sources: [{ kind: 'go', module: 'k6', package: 'go.k6.io/k6' }],
});
