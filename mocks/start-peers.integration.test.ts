// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Clusters } from '../harness/cluster/clusters.ts';
import { buildImage } from '../harness/images/build-image.ts';
import { clusterImages } from '../harness/images/definitions/index.ts';
import { hostArchitecture } from '../harness/platform.ts';
import { Toolchain } from '../harness/toolchain/toolchain.ts';
import { peersImage } from './image.ts';

const driver = join(import.meta.dirname, 'testing', 'drive-peers.ts');

it('the peers stand in a real cluster, behind real Services', async () => {
  const cacheDirectory = process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache', 'gauntlet');
  const directory = await mkdtemp(join(tmpdir(), 'gauntlet-peers-'));
  const architecture = hostArchitecture();
  await using toolchain = Toolchain.open({ cacheDirectory });
  const images = [];
  const peers = await peersImage(join(directory, 'bundle'));
  for (const definition of [...clusterImages, peers]) {
    images.push(await buildImage(definition, { architectures: [architecture], toolchain, cacheDirectory }));
  }
  {
    await using cluster = await new Clusters({ toolchain, cacheDirectory })
      .provider('native')
      .create({ name: `peers-test-${process.pid}`, directory: join(directory, 'cluster'), architecture, images });
    const { file, args, env } = cluster.network({
      file: process.execPath,
      args: ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', driver, cluster.kubeconfig, peers.reference],
    });
    const { stdout } = await promisify(execFile)(file, args, { env: { ...process.env, ...env } });
    expect(JSON.parse(stdout)).toMatchObject({ answers: true, status: 200, arrivals: 1, refused: 0, recovered: 200 });
  }
  await rm(directory, { recursive: true });
});
