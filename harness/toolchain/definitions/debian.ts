// SPDX-License-Identifier: Apache-2.0
import { seconds } from '../../units.ts';
import { defineTool } from './define-tool.ts';

/**
 * What images need from a distribution, unpacked and never installed, for either architecture: the C and C++ runtimes of dynamically linked
 * binaries (Envoy, Node), a static busybox, and catatonit, a static init that is the sandbox of every pod.
 */
export const debianUserland = defineTool({
  name: 'debian-userland',
  version: 'system',
  title: 'Debian userland',
  purpose: 'C libraries, busybox and catatonit for the images',
  outputs: ['bin/busybox', 'usr/bin/catatonit'],
  expected: seconds(20),
  sources: [
    {
      kind: 'deb',
      packages: ['libc6', 'libstdc++6', 'libgcc-s1', 'busybox-static', 'catatonit'],
      elsewhere: { 'bin/busybox': 'usr/bin/busybox' },
    },
  ],
});
