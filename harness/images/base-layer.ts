// SPDX-License-Identifier: Apache-2.0
import { rootCertificates } from 'node:tls';
import type { ImageContext, ImageLayer, LayerEntry } from './image.ts';

/** PATH of every image, as the released images have it. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Commands of the shell layer: what entry points and lifecycle hooks call, and what a person needs to look around. */
const commands = ['cat', 'env', 'false', 'grep', 'id', 'ls', 'ps', 'sh', 'sleep', 'true', 'wget'];

/**
 * What programs expect of any Linux: users, name lookup, a temporary folder, and the certificates of public authorities, which are those of
 * the running Node, so that they do not depend on the machine.
 */
export const baseLayer: ImageLayer = {
  name: 'base',
  entries: [
    { type: 'text', path: 'etc/passwd', text: 'root:x:0:0:root:/root:/bin/sh\nnonroot:x:65532:65532:nonroot:/home/nonroot:/bin/sh\n' },
    { type: 'text', path: 'etc/group', text: 'root:x:0:\nnonroot:x:65532:\n' },
    { type: 'text', path: 'etc/nsswitch.conf', text: 'hosts: files dns\n' },
    { type: 'text', path: 'etc/ssl/certs/ca-certificates.crt', text: `${rootCertificates.join('\n')}\n` },
    { type: 'directory', path: 'tmp', mode: 0o1777 },
    { type: 'directory', path: 'home/nonroot', uid: 65532, gid: 65532 },
  ],
};

/** A POSIX shell and a few commands, from a static busybox. */
export async function shellLayer({ architecture, toolchain, signal }: ImageContext): Promise<ImageLayer> {
  const userland = await toolchain.resolve('debian-userland', { architecture, ...(signal && { signal }) });
  const links = commands.map((command): LayerEntry => ({ type: 'symlink', path: `bin/${command}`, target: 'busybox' }));
  return {
    name: 'shell',
    entries: [{ type: 'file', path: 'bin/busybox', source: userland.file('bin/busybox'), mode: 0o755 }, ...links],
  };
}
