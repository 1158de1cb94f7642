// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** The store of a native cluster. */
export const etcd = defineTool({
  name: 'etcd',
  version: '3.6.16',
  title: 'etcd',
  purpose: 'Store of the native cluster',
  outputs: ['etcd'],
  expected: seconds(50),
  versionProbe: { args: ['--version'], pattern: 'etcd Version: (\\S+)' },
  sources: [
    {
      kind: 'go',
      module: 'etcd',
      package: 'go.etcd.io/etcd/server/v3',
      stamps: { 'go.etcd.io/etcd/api/v3/version.GitSHA': 'v3.6.16' },
    },
  ],
});
