// SPDX-License-Identifier: Apache-2.0
import type { ImageDefinition } from '../image.ts';

/** Holds a pod's namespaces and reaps its orphans. The native provider names this reference as containerd's sandbox image. */
export const pause: ImageDefinition = {
  reference: 'gauntlet.dev/pause:1',
  title: 'Sandbox of every pod: catatonit in its pause mode',
  config: { entrypoint: ['/catatonit', '-P'], user: '65535:65535' },
  tools: ['debian-userland'],
  async layers({ architecture, toolchain, signal }) {
    const userland = await toolchain.resolve('debian-userland', { architecture, ...(signal && { signal }) });
    return [{ name: 'catatonit', entries: [{ type: 'file', path: 'catatonit', source: userland.file('usr/bin/catatonit'), mode: 0o755 }] }];
  },
};
