// SPDX-License-Identifier: Apache-2.0
import { execa } from 'execa';
import { GauntletError, messageOf } from '../../errors.ts';
import type { ImageArchive } from '../../images/image.ts';
import { nodePaths } from './layout.ts';
import { inMountsOf } from './namespaces.ts';

/**
 * Imports archives into the containerd of a cluster, where the kubelet finds them by reference.
 *
 * @throws GauntletError `GAUNTLET_IMAGE` with what `ctr` said.
 */
export async function importImages(init: number, images: readonly ImageArchive[], onLoaded: (reference: string) => void): Promise<void> {
  await Promise.all(
    images.map(async (image) => {
      await importImage(init, image);
      onLoaded(image.reference);
    }),
  );
}

async function importImage(init: number, image: ImageArchive): Promise<void> {
  const args = ['--address', nodePaths.containerdSocket, '--namespace', 'k8s.io', 'images', 'import', image.path];
  const { file, args: wrapped } = inMountsOf(init)({ file: 'ctr', args });
  try {
    await execa(file, wrapped, { stdin: 'ignore', cleanup: true });
  } catch (error) {
    throw new GauntletError('GAUNTLET_IMAGE', `Loading ${image.reference} from ${image.path} failed: ${messageOf(error)}`, {
      hint: 'Check that the file is an image as an OCI layout or `docker save` writes it, and that the disk is not full.',
      cause: error,
    });
  }
}
