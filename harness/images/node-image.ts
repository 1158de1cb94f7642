// SPDX-License-Identifier: Apache-2.0
import { baseLayer, defaultPath } from './base-layer.ts';
import type { ImageDefinition } from './image.ts';
import { sharedLibraries } from './shared-libraries.ts';

/** What an image that runs a bundle under Node is made from. */
export interface NodeImageOptions {
  /** Full reference under which pods name it. */
  readonly reference: string;
  readonly title: string;
  /** Path of the one file that Node runs, an ES module. */
  readonly bundle: string;
  /** Path of the bundle in the image, without a leading slash: `app/peers.mjs`. */
  readonly path: string;
}

/** An image with Node and one bundled file, run as user 65532. Node and its libraries are layers of their own, so a changed bundle is a small image. */
export function nodeImage({ reference, title, bundle, path }: NodeImageOptions): ImageDefinition {
  return {
    reference,
    title,
    config: {
      entrypoint: ['/usr/local/bin/node', `/${path}`],
      user: '65532',
      env: { PATH: defaultPath, NODE_ENV: 'production' },
      workingDirectory: '/home/nonroot',
    },
    tools: ['node', 'debian-userland'],
    async layers(context) {
      const { architecture, toolchain, signal } = context;
      const node = await toolchain.resolve('node', { architecture, ...(signal && { signal }) });
      return [
        baseLayer,
        await sharedLibraries([node.file()], context),
        { name: 'node', entries: [{ type: 'file', path: 'usr/local/bin/node', source: node.file(), mode: 0o755 }] },
        { name: 'bundle', entries: [{ type: 'file', path, source: bundle, mode: 0o644 }] },
      ];
    },
  };
}
