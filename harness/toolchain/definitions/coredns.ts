// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** Names inside a native cluster. The plugins that are built in stand in `modules/coredns/main.go`. */
export const coredns = defineTool({
  name: 'coredns',
  version: '1.15.0',
  title: 'CoreDNS',
  purpose: 'Names inside the native cluster',
  outputs: ['coredns'],
  expected: seconds(65),
  versionProbe: { args: ['-version'], pattern: 'CoreDNS-(\\S+)' },
  sources: [{ kind: 'go', module: 'coredns', package: '.' }],
});
