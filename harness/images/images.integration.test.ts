// SPDX-License-Identifier: Apache-2.0
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { architectures, hostArchitecture } from '../platform.ts';
import { Toolchain } from '../toolchain/toolchain.ts';
import { buildImage } from './build-image.ts';
import { pause } from './definitions/pause.ts';
import { nodeImage } from './node-image.ts';
import { describeImage, readArchive } from './read-image.ts';
import { renameImage } from './rename-image.ts';
import { openArchive } from './scan-archive.ts';
import { readTar } from './tar.ts';
import { startContainerd } from './testing/containerd.ts';
import type { TestContainerd } from './testing/containerd.ts';
import { writeSampleTar } from './testing/sample-image.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const toolchain = Toolchain.open({ cacheDirectory: process.env['GAUNTLET_CACHE'] ?? join(homedir(), '.cache/gauntlet') });
let containerd: TestContainerd;

beforeAll(async () => {
  containerd = await startContainerd();
});

afterAll(async () => {
  await containerd[Symbol.asyncDispose]();
  await toolchain[Symbol.asyncDispose]();
});

it('loads an image of both architectures under its full reference and runs the one of this machine', async () => {
  const folder = temporaryFolder();
  const bundle = join(folder, 'bundle.mjs');
  await writeFile(bundle, 'console.log(process.arch, process.getuid(), process.cwd(), process.env.NODE_ENV);');
  const definition = nodeImage({ reference: 'gauntlet.dev/test:1', title: 'A test', bundle, path: 'app/test.mjs' });
  const image = await buildImage(definition, { architectures, toolchain, cacheDirectory: folder });

  const { platforms } = await describeImage(image.path);
  expect(platforms.map(({ layers }) => layers.map(({ name }) => name))).toEqual(
    architectures.map(() => ['base', 'libraries', 'node', 'bundle']),
  );
  expect(platforms.map(({ layers }) => layers[1]?.files?.filter(({ path }) => /\/ld-linux/.test(path)).length)).toEqual([2, 2]);

  await containerd.load(image);
  expect(await containerd.find(image.reference)).toMatch(new RegExp(`${image.digest}.*linux/`));
  const arch = hostArchitecture() === 'amd64' ? 'x64' : 'arm64';
  expect(await containerd.run(image.reference)).toEqual({ exitCode: 0, output: `${arch} 65532 /home/nonroot production` });
});

it('resolves names and reaches public certificates in an image with Node', async () => {
  const folder = temporaryFolder();
  const bundle = join(folder, 'bundle.mjs');
  await writeFile(
    bundle,
    `import { readFileSync } from 'node:fs'; import { lookup } from 'node:dns/promises';
     console.log(readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').startsWith('-----BEGIN CERTIFICATE-----'));
     console.log((await lookup('localhost').catch(({ code }) => ({ address: code }))).address);`,
  );
  const definition = nodeImage({ reference: 'gauntlet.dev/names:1', title: 'A test', bundle, path: 'app/test.mjs' });
  const image = await buildImage(definition, { architectures: [hostArchitecture()], toolchain, cacheDirectory: folder });
  await containerd.load(image);
  // Without /etc/hosts, which a kubelet mounts, the C library must answer from its own rules instead of failing to load a module.
  expect((await containerd.run(image.reference)).output).toMatch(/^true\n(127\.0\.0\.1|::1|ENOTFOUND|EAI_AGAIN)$/);
});

it('gives every cluster a sandbox that stays until it is ended, also under another name', async () => {
  const folder = temporaryFolder();
  const image = await buildImage(pause, { architectures: [hostArchitecture()], toolchain, cacheDirectory: folder });
  const renamed = await renameImage(image, 'registry.example.com/pause:9', { cacheDirectory: folder });
  await containerd.load(renamed);
  expect(await containerd.find(image.reference)).toBeUndefined();
  expect(await containerd.run(renamed.reference, ['/catatonit', '--version'])).toMatchObject({ exitCode: 0 });
});

it('loads an image in the format of docker save under the reference of a release', async () => {
  const folder = temporaryFolder();
  const image = await buildImage(pause, { architectures: [hostArchitecture()], toolchain, cacheDirectory: folder });
  const files: Record<string, Buffer> = {};
  for await (const { name, content } of readTar(openArchive(image.path))) files[name] = await buffer(content);
  // What is left is the format before Docker 25: manifest.json alone says what is in the archive.
  const docker = Object.fromEntries(Object.entries(files).filter(([name]) => name !== 'index.json' && name !== 'oci-layout'));
  const saved = await readArchive(await writeSampleTar(join(folder, 'saved.tar'), docker), hostArchitecture());
  const renamed = await renameImage(saved, 'registry.example.com/released:v1', { cacheDirectory: folder });
  await containerd.load(renamed);
  expect(await containerd.run(renamed.reference, ['/catatonit', '--version'])).toMatchObject({ exitCode: 0 });
});
