// SPDX-License-Identifier: Apache-2.0
import { chmod, copyFile, open, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImage } from '../images/build-image.ts';
import type { ImageContext } from '../images/image.ts';
import { describeImage } from '../images/read-image.ts';
import { hostArchitecture } from '../platform.ts';
import { resolveBuild, resolveCandidate } from './resolve-build.ts';
import type { TargetBuild } from './target.ts';
import { sampleTarget, script } from './testing/sample-target.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const architecture = hostArchitecture();
const other = architecture === 'amd64' ? 'arm64' : 'amd64';

async function resolve(build: TargetBuild, folder?: string) {
  return resolveBuild(sampleTarget, build, { architecture, cacheDirectory: folder ?? temporaryFolder() });
}

/** A toolchain that must not be asked. */
const toolchain: ImageContext['toolchain'] = { resolve: (name) => Promise.reject(new Error(`asked for ${name}`)) };

describe('resolveBuild', () => {
  it('leaves a release as it is', async () => {
    const { target, helmSet } = await resolve({});
    expect(target).toMatchObject({ title: 'sample 1.0.0', archives: [], given: {} });
    expect(target.definitions).toEqual([sampleTarget.images.controller, sampleTarget.images.proxy]);
    expect(helmSet).toEqual([]);
  });

  it('has no proxy where the only one is a given one', async () => {
    const lacking = { ...sampleTarget, parts: { proxy: { title: 'the proxy', reason: 'it is in no registry' } } };
    const context = { architecture, cacheDirectory: temporaryFolder() };
    const without = await resolveBuild(lacking, {}, context);
    expect(without.target).toMatchObject({
      title: 'sample 1.0.0 without its proxy',
      definitions: [sampleTarget.images.controller],
      given: {},
    });
    const { target } = await resolveBuild(lacking, { proxyBinary: process.execPath }, context);
    expect(target).toMatchObject({ title: 'sample 1.0.0 with a given proxy', definitions: [{}, { tools: [] }] });
    await expect(resolveCandidate(lacking, {}, context)).rejects.toMatchObject({ code: 'GAUNTLET_USAGE' });
  });

  it('puts a given binary in place of the tool in the one image', async () => {
    const { target } = await resolve({ proxyBinary: process.execPath });
    const [controller, proxy] = target.definitions;
    expect(controller).toBe(sampleTarget.images.controller);
    expect(proxy?.tools).toEqual([]);
    expect(await proxy?.layers({ architecture, toolchain })).toEqual([
      { name: 'envoy', entries: [{ type: 'file', path: 'envoy', source: process.execPath }] },
    ]);
    expect(target.title).toBe('sample 1.0.0 with a given proxy');
    expect(target.given['proxy']).toMatch(new RegExp(`^${process.execPath} ${process.versions.node} sha256:[0-9a-f]{64}$`));
  });

  it('gives a given image the reference of the released one', async () => {
    const folder = temporaryFolder();
    const tools: ImageContext['toolchain'] = {
      resolve: async (name) => {
        await writeFile(join(folder, name), name);
        return {
          name,
          version: '',
          architecture,
          origin: 'given',
          provenance: '',
          directory: folder,
          digest: '',
          file: () => join(folder, name),
        };
      },
    };
    const own = { ...sampleTarget.images.controller, reference: 'mine/controller:dev' };
    const archive = await buildImage(own, { architectures: [architecture], toolchain: tools, cacheDirectory: folder });
    const { target } = await resolve({ controllerImage: archive.path }, folder);
    expect(target.definitions).toEqual([sampleTarget.images.proxy]);
    expect(target.archives).toMatchObject([
      { reference: 'example.com/controller:v1', architectures: [architecture], digest: archive.digest },
    ]);
    expect((await describeImage(target.archives[0]?.path ?? '')).reference).toBe('example.com/controller:v1');
  });

  it('refuses an image of another architecture', async () => {
    const folder = temporaryFolder();
    const image = { ...sampleTarget.images.proxy, layers: () => Promise.resolve([]) };
    const { path } = await buildImage(image, { architectures: [other], toolchain, cacheDirectory: folder });
    await expect(resolve({ proxyImage: path })).rejects.toMatchObject({ code: 'GAUNTLET_WRONG_ARCHITECTURE' });
  });

  it('refuses a binary of another architecture without running it', async () => {
    const path = join(temporaryFolder(), 'binary');
    await copyFile('/bin/true', path);
    const file = await open(path, 'r+');
    await file.write(Buffer.from([architecture === 'amd64' ? 0xb7 : 0x3e, 0]), 0, 2, 18);
    await file.close();
    await expect(resolve({ controllerBinary: path })).rejects.toMatchObject({
      code: 'GAUNTLET_WRONG_ARCHITECTURE',
      message: expect.stringMatching(new RegExp(`is for ${other}, the cluster for ${architecture}`)) as string,
    });
  });

  it.each([
    ['ends at once with a failure', '/bin/false', /\/bin\/false --version ended with status 1|did not say a version/],
    ['says something else than a version', '/bin/ls', /did not say a version:\nls \(GNU coreutils\)/],
    ['is a script', import.meta.filename, /not executable|not a 64-bit/],
  ])('refuses a binary that %s', async (_, path, message) => {
    await expect(resolve({ controllerBinary: path })).rejects.toMatchObject({
      code: 'GAUNTLET_BINARY_BROKEN',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a binary that cannot be executed, is cut off, is a script, a folder, or is not there', async () => {
    const folder = temporaryFolder();
    const plain = join(folder, 'plain');
    await copyFile('/bin/true', plain);
    await chmod(plain, 0o644);
    await expect(resolve({ proxyBinary: plain })).rejects.toMatchObject({
      code: 'GAUNTLET_BINARY_BROKEN',
      message: expect.stringContaining('not executable') as string,
    });
    const cut = join(folder, 'cut');
    await copyFile(process.execPath, cut);
    await truncate(cut, 5000);
    await expect(resolve({ proxyBinary: cut })).rejects.toMatchObject({ code: 'GAUNTLET_BINARY_BROKEN' });
    await expect(resolve({ proxyBinary: await script(folder, 'script', 'echo v1') })).rejects.toMatchObject({
      code: 'GAUNTLET_BINARY_BROKEN',
    });
    await expect(resolve({ proxyBinary: folder })).rejects.toMatchObject({ code: 'GAUNTLET_BINARY_BROKEN' });
    await expect(resolve({ proxyBinary: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'GAUNTLET_CONFIG_INVALID' });
    await expect(resolve({ proxyImage: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'GAUNTLET_CONFIG_INVALID' });
  });

  it('refuses a binary and an image for the same part, and a value that is no pair', async () => {
    await expect(resolve({ proxyBinary: 'a', proxyImage: 'b' })).rejects.toMatchObject({ code: 'GAUNTLET_USAGE' });
    await expect(resolve({ helmSet: ['a.b=c', 'nothing'] })).rejects.toMatchObject({
      code: 'GAUNTLET_USAGE',
      message: expect.stringContaining('nothing') as string,
    });
    expect((await resolve({ helmSet: ['a.b=c=d', 'e='] })).helmSet).toEqual(['a.b=c=d', 'e=']);
  });
});
