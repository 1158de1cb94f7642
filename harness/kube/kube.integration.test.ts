// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { on, openTestClusters, shellReference, testImages } from '../cluster/native/integration-setup.ts';
import { hostArchitecture } from '../platform.ts';

let seen: Readonly<Record<string, unknown>> = {};

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'gauntlet-kube-'));
  const { toolchain, clusters } = openTestClusters();
  try {
    const images = await testImages(toolchain);
    await using cluster = await clusters
      .provider('native')
      .create({ name: `kube-${process.pid}`, directory, architecture: hostArchitecture(), images });
    const program = [
      '--experimental-strip-types',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, 'integration-steps.ts'),
    ];
    seen = JSON.parse(await on(cluster, process.execPath, [...program, cluster.kubeconfig, shellReference])) as typeof seen;
  } finally {
    await toolchain[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
});

test('an object is applied by the server under the name gauntlet, and waited for', () => {
  expect(seen['managers']).toEqual(['gauntlet Apply']);
  expect(seen['waited']).toEqual({ k: '2' });
  expect([seen['many'], seen['listed']]).toEqual([100, 100]);
});

test('a dry run stores nothing, and a misspelt field is refused', () => {
  expect(seen['dryRun']).toEqual(['b', null]);
  expect(seen['misspelt']).toMatchObject({
    code: 'GAUNTLET_API',
    message: expect.stringContaining('field not declared in schema') as string,
  });
});

test('a kind works as soon as its definition does', () => {
  expect(seen['unknown']).toMatchObject({
    code: 'GAUNTLET_API',
    message: 'The server does not serve the kind Widget of test.gauntlet.dev/v1',
  });
  expect(seen['widget']).toBe(3);
});

test('a port that only the pod itself can reach answers', () => {
  expect(seen['podGet']).toEqual({ status: 200, body: 'hello\n' });
  expect(seen['podGetElsewhere']).toMatchObject({ code: 'GAUNTLET_API', message: expect.stringContaining('connection refused') as string });
});

test('logs are read whole, and their absence is said in the words of the server', () => {
  expect(seen['logs']).toBe('started\n');
  expect(seen['noLogs']).toMatchObject({ code: 'GAUNTLET_API', message: expect.stringContaining('nobody') as string });
});

test('what is removed is gone', () => {
  expect(seen['removed']).toBe(true);
});
