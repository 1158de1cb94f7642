// SPDX-License-Identifier: Apache-2.0
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDefinition } from '../harness/images/image.ts';
import { nodeImage } from '../harness/images/node-image.ts';
import { bundlePeers } from './bundle.ts';

/**
 * The image of all peers: Node and the bundle. Its tag is made from the content, so a changed peer is never mistaken for an old one.
 *
 * @param directory - where the bundle is written, under a name of its content; made if missing
 * @throws GauntletError `GAUNTLET_PEER` if the sources do not bundle.
 */
export async function peersImage(directory: string): Promise<ImageDefinition> {
  const { code, sha256 } = await bundlePeers();
  const bundle = join(directory, `peers-${sha256.slice(0, 16)}.mjs`);
  const unfinished = `${bundle}.${process.pid}`;
  await mkdir(directory, { recursive: true });
  await writeFile(unfinished, code);
  await rename(unfinished, bundle);
  return nodeImage({
    reference: `gauntlet.dev/peers:${sha256.slice(0, 16)}`,
    title: 'The peers that gateways under test talk to',
    bundle,
    path: 'app/peers.mjs',
  });
}
