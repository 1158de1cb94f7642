// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostArchitecture } from '../../platform.ts';
import { Clusters } from '../clusters.ts';
import type { Cluster, ClusterEvent } from '../provider.ts';
import { eventually, on, openTestClusters, shellReference, testImages } from './integration-setup.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gauntlet-store-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** One digest over the names and contents of all files below a folder. */
async function digestOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}

test('a set of images is imported once; later clusters are born with it, and their containers leave it as it is', async () => {
  const { toolchain } = openTestClusters();
  await using disposables = new AsyncDisposableStack();
  disposables.use(toolchain);
  const clusters = new Clusters({ toolchain, cacheDirectory: join(folder, 'cache') });
  const kubectl = (await toolchain.resolve('kubectl')).file();
  const images = await testImages(toolchain);

  async function withCluster(name: string, use: (cluster: Cluster) => Promise<void>): Promise<readonly string[]> {
    const order: string[] = [];
    const onEvent = (event: ClusterEvent): void => {
      if (event.type === 'image-loaded') order.push(event.reference);
    };
    await using cluster = await clusters
      .provider('native')
      .create({ name: `store-${process.pid}-${name}`, directory: join(folder, name), architecture: hostArchitecture(), images, onEvent });
    await use(cluster);
    return order;
  }

  const store = join(folder, 'cache', 'containerd');
  expect([...(await withCluster('first', () => Promise.resolve()))].sort()).toEqual(images.map(({ reference }) => reference).sort());
  expect(await readdir(store)).toHaveLength(1);
  const before = await digestOf(store);

  await withCluster('second', async (cluster) => {
    const script = 'echo changed > /bin/busybox.copy; rm /bin/grep; chmod 0700 /bin/busybox; ls /bin';
    await eventually('pod', () =>
      on(cluster, kubectl, ['run', 'writer', `--image=${shellReference}`, '--restart=Never', '--', 'sh', '-c', script]),
    );
    await on(cluster, kubectl, ['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s', 'pod/writer']);
    const seen = (await on(cluster, kubectl, ['logs', 'writer'])).split('\n');
    expect(seen).toContain('busybox.copy');
    expect(seen).not.toContain('grep');
    await on(cluster, kubectl, ['delete', 'pod', 'writer', '--grace-period=1']);
  });
  expect(await readdir(store)).toHaveLength(1);
  expect(await digestOf(store)).toBe(before);

  await withCluster('third', async (cluster) => {
    await eventually('pod', () =>
      on(cluster, kubectl, ['run', 'reader', `--image=${shellReference}`, '--restart=Never', '--', 'ls', '/bin']),
    );
    await on(cluster, kubectl, ['wait', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s', 'pod/reader']);
    const seen = (await on(cluster, kubectl, ['logs', 'reader'])).split('\n');
    expect(seen).toContain('grep');
    expect(seen).not.toContain('busybox.copy');
  });
});
