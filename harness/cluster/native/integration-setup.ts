// SPDX-License-Identifier: Apache-2.0
// What the integration tests of the native provider share: tools, a small image, and a way to run commands on a cluster.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { shellLayer } from '../../images/base-layer.ts';
import { buildImage } from '../../images/build-image.ts';
import { clusterImages } from '../../images/definitions/index.ts';
import type { ImageArchive, ImageDefinition } from '../../images/image.ts';
import { hostArchitecture } from '../../platform.ts';
import type { Command } from '../../process/command.ts';
import { Toolchain } from '../../toolchain/toolchain.ts';
import { milliseconds, seconds, type Duration } from '../../units.ts';
import { Clusters } from '../clusters.ts';
import type { Cluster } from '../provider.ts';

/** Where tools and images are cached on this machine. */
export const cacheDirectory = process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet');

/** All that a test needs to make clusters. */
export function openTestClusters(): { readonly toolchain: Toolchain; readonly clusters: Clusters } {
  const toolchain = Toolchain.open({ cacheDirectory });
  return { toolchain, clusters: new Clusters({ toolchain, cacheDirectory }) };
}

/** A shell with a few commands: enough to ask for names, to answer over HTTP and to be entered. */
const shell: ImageDefinition = {
  reference: 'gauntlet.dev/test-shell:1',
  title: 'Shell for tests of the cluster itself',
  tools: ['debian-userland'],
  config: { entrypoint: ['/bin/busybox'], env: { PATH: '/bin' } },
  async layers(context) {
    return [await shellLayer(context)];
  },
};

/** Reference of the image with the shell. */
export const shellReference = shell.reference;

/** The pause image and the shell, as archives. */
export async function testImages(toolchain: Toolchain): Promise<readonly ImageArchive[]> {
  const options = { architectures: [hostArchitecture()], toolchain, cacheDirectory };
  return Promise.all([...clusterImages, shell].map((definition) => buildImage(definition, options)));
}

/** Runs a command on the cluster's network and gives its output; throws when it fails. */
export async function on(cluster: Cluster, file: string, args: readonly string[], input = ''): Promise<string> {
  return outputOf({ ...cluster.network({ file, args }), env: { KUBECONFIG: cluster.kubeconfig } }, input);
}

/** Runs a shell script on the cluster's node and gives its output. */
export async function onNode(cluster: Cluster, script: string): Promise<string> {
  if (cluster.node === undefined) throw new Error('the node cannot be entered');
  return outputOf(cluster.node({ file: 'sh', args: ['-c', script] }));
}

async function outputOf({ file, args, env }: Command, input = ''): Promise<string> {
  return (await execa(file, args, { input, env: { ...env } })).stdout;
}

/** Asks again and again until `look` gives something; throws with the last failure when the budget is used up. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, budget: Duration = seconds(60)): Promise<T> {
  const deadline = performance.now() + budget.ms;
  let last: unknown = 'nothing';
  while (performance.now() < deadline) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
    } catch (error) {
      last = error;
    }
    await delay(milliseconds(50).ms);
  }
  throw new Error(`${what}: not seen in time`, { cause: last });
}
