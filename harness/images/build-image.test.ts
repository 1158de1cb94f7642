// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildImage } from './build-image.ts';
import type { Architecture } from '../platform.ts';
import type { ImageDefinition } from './image.ts';
import { describeImage } from './read-image.ts';
import { sampleImage, sampleToolchain } from './testing/sample-image.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

function builder() {
  const [tools, cacheDirectory] = [temporaryFolder(), temporaryFolder()];
  const toolchain = sampleToolchain(tools);
  const build = (definition: ImageDefinition, architectures: readonly Architecture[] = ['amd64'], signal?: AbortSignal) =>
    buildImage(definition, { architectures, toolchain, cacheDirectory, ...(signal && { signal }) });
  return { build, tools, cacheDirectory };
}

const text = (content: string): ImageDefinition => ({
  ...sampleImage,
  layers: () => Promise.resolve([{ name: 'text', entries: [{ type: 'text', path: 'file', text: content }] }]),
});

describe('buildImage', () => {
  it('gives the same bytes from the same content, whatever the files are called and whenever they were written', async () => {
    const [one, two] = [builder(), builder()];
    const first = await one.build(sampleImage, ['amd64', 'arm64']);
    await writeFile(join(two.tools, 'etcd-amd64'), 'etcd for amd64', { mode: 0o711 });
    await utimes(join(two.tools, 'etcd-amd64'), 1, 1);
    const second = await two.build(sampleImage, ['amd64', 'arm64']);
    expect(second.digest).toBe(first.digest);
    expect(second.path).not.toBe(first.path);
    expect(await readFile(second.path)).toEqual(await readFile(first.path));
    // Of the whole archive: a change of it, by a new library or a new Node, is to be seen and wanted.
    const sha256 = createHash('sha256')
      .update(await readFile(first.path))
      .digest('hex');
    expect(sha256).toMatchInlineSnapshot(`"ef965d1549a9ec9c4997c5cdf00c16edcd7116586b810fafa10a95aafa4ceca7"`);
  });

  it('is found again in the cache, and written anew when a source changes', async () => {
    const { build, tools, cacheDirectory } = builder();
    const first = await build(sampleImage);
    expect(await build(sampleImage)).toEqual(first);
    await appendFile(join(tools, 'etcd-amd64'), ' and more');
    const second = await build(sampleImage);
    expect(second.digest).not.toBe(first.digest);
    expect(await readdir(join(cacheDirectory, 'images', 'archives'))).toHaveLength(2);
  });

  it('writes again what someone damaged in the cache', async () => {
    const { build } = builder();
    const first = await build(sampleImage);
    const whole = await readFile(first.path);
    await truncate(first.path, 1000);
    await build(sampleImage);
    expect(await readFile(first.path)).toEqual(whole);
  });

  it('removes what was not used for two weeks when it writes something new', async () => {
    const { build, cacheDirectory } = builder();
    const [old, used] = [await build(text('old')), await build(text('used'))];
    const longAgo = Date.now() / 1000 - 15 * 24 * 3600;
    for (const { path } of [old, used]) await utimes(path, longAgo, (await stat(path)).mtimeMs / 1000);
    const abandoned = join(cacheDirectory, 'images', 'archives', 'x.tar.partial');
    await writeFile(abandoned, '');
    await utimes(abandoned, longAgo, longAgo);
    await build(text('used'));
    const fresh = await build(text('new'));
    const left = await readdir(join(cacheDirectory, 'images', 'archives'));
    expect(left.map((name) => join(cacheDirectory, 'images', 'archives', name)).sort()).toEqual([used.path, fresh.path].sort());
  });

  it('leaves no archive in the cache when it is interrupted or a source is missing', async () => {
    const { build, cacheDirectory, tools } = builder();
    const missing: ImageDefinition = {
      ...sampleImage,
      layers: () => Promise.resolve([{ name: 'missing', entries: [{ type: 'file', path: 'a', source: join(tools, 'nowhere') }] }]),
    };
    await expect(build(missing)).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
    await expect(build(sampleImage, ['amd64'], AbortSignal.abort(new Error('enough')))).rejects.toThrow();
    await expect(readdir(join(cacheDirectory, 'images', 'archives'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('opens up as it was defined', async () => {
    const { build } = builder();
    const archive = await build(sampleImage, ['amd64', 'arm64']);
    const { platforms, ...summary } = await describeImage(archive.path);
    expect(summary).toEqual(archive);
    expect(platforms.map(({ architecture }) => architecture)).toEqual(['amd64', 'arm64']);
    expect(platforms[0]?.config).toEqual(sampleImage.config);
    expect(
      platforms[1]?.layers.map(({ name, files }) => [name, files?.map(({ path, mode, bytes }) => [path, mode.toString(8), bytes])]),
    ).toEqual([
      [
        'base',
        [
          ['etc', '755', 0],
          ['etc/passwd', '644', 15],
        ],
      ],
      [
        'tool',
        [
          ['bin', '755', 0],
          ['bin/etcd', '755', 14],
        ],
      ],
    ]);
  });

  it('writes a file that is empty', async () => {
    const { build } = builder();
    const { platforms } = await describeImage((await build(text(''))).path);
    expect(platforms[0]?.layers[0]?.files).toMatchObject([{ path: 'file', bytes: 0 }]);
  });
});
