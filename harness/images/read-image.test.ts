// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildImage } from './build-image.ts';
import { describeImage, readArchive } from './read-image.ts';
import { renameImage } from './rename-image.ts';
import { sampleImage, sampleToolchain, writeSampleTar } from './testing/sample-image.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** An archive as `docker save` of Docker 19 to 24 writes it. */
async function dockerArchive(folder: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const layer = await readFile(await writeSampleTar(join(folder, 'layer.tar'), { 'bin/program': 'program' }));
  const config = JSON.stringify({
    architecture: 'arm64',
    os: 'linux',
    config: { Entrypoint: ['/bin/program'], Env: ['A=b=c'], Cmd: null },
    rootfs: {},
  });
  return writeSampleTar(join(folder, 'docker.tar'), {
    [`${digestOf(config)}.json`]: config,
    'abc/layer.tar': layer,
    'manifest.json': JSON.stringify([{ Config: `${digestOf(config)}.json`, RepoTags: ['mine/program:dev'], Layers: ['abc/layer.tar'] }]),
    repositories: '{"mine/program":{"dev":"abc"}}',
    ...changes,
  });
}

/** An archive as `docker buildx build --output type=oci` writes it: compressed layers, an index with attestations, a tag as its only name. */
async function ociArchive(folder: string): Promise<string> {
  const layer = gzipSync(await readFile(await writeSampleTar(join(folder, 'layer.tar'), { 'bin/program': 'program' })));
  const files: Record<string, string | Uint8Array> = { 'oci-layout': '{"imageLayoutVersion":"1.0.0"}' };
  const add = (content: string | Uint8Array) => {
    files[`blobs/sha256/${digestOf(content)}`] = content;
    return { digest: `sha256:${digestOf(content)}`, size: content.length };
  };
  const config = add(JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Entrypoint: ['/bin/program'] } }));
  const image = add(JSON.stringify({ schemaVersion: 2, config, layers: [add(layer)] }));
  const attestation = add(JSON.stringify({ schemaVersion: 2, config, layers: [] }));
  const index = add(
    JSON.stringify({
      manifests: [
        { ...image, platform: { architecture: 'amd64', os: 'linux' } },
        { ...attestation, platform: { architecture: 'unknown', os: 'unknown' } },
      ],
    }),
  );
  files['index.json'] = JSON.stringify({ manifests: [{ ...index, annotations: { 'org.opencontainers.image.ref.name': 'dev' } }] });
  return writeSampleTar(join(folder, 'oci.tar'), files);
}

describe('readArchive', () => {
  it('reads what docker save writes', async () => {
    const path = await dockerArchive(temporaryFolder());
    expect(await readArchive(path, 'arm64')).toMatchObject({ reference: 'mine/program:dev', architectures: ['arm64'], path });
    const { platforms } = await describeImage(path);
    expect(platforms).toMatchObject([
      {
        config: { entrypoint: ['/bin/program'], env: { A: 'b=c' } },
        layers: [{ blob: 'abc/layer.tar', files: [{ path: 'bin/program', bytes: 7 }] }],
      },
    ]);
  });

  it('reads what docker buildx writes, and looks into compressed layers', async () => {
    const path = await ociArchive(temporaryFolder());
    expect(await readArchive(path, 'amd64')).toMatchObject({ reference: 'dev', architectures: ['amd64'] });
    expect((await describeImage(path)).platforms).toMatchObject([{ layers: [{ files: [{ path: 'bin/program' }] }] }]);
  });

  it('reads an archive that is compressed as a whole', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'docker.tar.gz');
    await writeFile(path, gzipSync(await readFile(await dockerArchive(folder))));
    expect(await readArchive(path, 'arm64')).toMatchObject({ reference: 'mine/program:dev' });
    await writeFile(path, (await readFile(path)).subarray(0, -100));
    await expect(readArchive(path, 'arm64')).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
  });

  it('refuses an image of another architecture', async () => {
    const path = await dockerArchive(temporaryFolder());
    await expect(readArchive(path, 'amd64')).rejects.toMatchObject({
      code: 'GAUNTLET_WRONG_ARCHITECTURE',
      message: expect.stringMatching(/arm64.*amd64/) as string,
    });
  });

  it.each([
    ['no image at all', { 'manifest.json': 'a text' }, /neither index.json nor manifest.json/],
    ['several images', { 'manifest.json': '[{"Config":"a","Layers":[]},{"Config":"b","Layers":[]}]' }, /names 2 images/],
    ['a configuration that is not there', { 'manifest.json': '[{"Config":"nowhere","Layers":[]}]' }, /nowhere is missing/],
    ['a document of another shape', { 'manifest.json': '[{"Config":7}]' }, /manifest.json is not as it should be: 0.Config/],
    [
      'an index of another shape',
      { 'index.json': '{"manifests":[{"digest":"sha256:../../etc/passwd"}]}' },
      /index.json is not as it should be/,
    ],
    ['an index of nothing', { 'index.json': '{"manifests":[]}' }, /names 0 images/],
    ['content under another digest', { [`blobs/sha256/${'0'.repeat(64)}`]: 'other' }, /another digest/],
  ])('refuses an archive with %s', async (_, changes, message) => {
    const path = await dockerArchive(temporaryFolder(), changes);
    await expect(describeImage(path)).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE', message: expect.stringMatching(message) as string });
  });

  it('refuses an archive without one of its layers', async () => {
    const folder = temporaryFolder();
    const config = '{"architecture":"amd64"}';
    const path = await writeSampleTar(join(folder, 'a.tar'), {
      c: config,
      'manifest.json': '[{"Config":"c","Layers":["gone/layer.tar"]}]',
    });
    await expect(readArchive(path, 'amd64')).rejects.toMatchObject({
      code: 'GAUNTLET_IMAGE',
      message: expect.stringContaining('gone/layer.tar is missing') as string,
    });
  });

  it('answers every damage of a good archive with the same archive or GAUNTLET_IMAGE, never with something else', async () => {
    const folder = temporaryFolder();
    const good = await readFile(await ociArchive(folder));
    const path = join(folder, 'damaged.tar');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, flip, cut) => {
        const bytes = Buffer.from(good);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        await writeFile(path, cut ? bytes.subarray(0, at) : bytes);
        const result = await describeImage(path).then(
          ({ digest }) => digest,
          (error: unknown) => (error as { code?: string }).code,
        );
        expect([expect.stringMatching(/^sha256:[0-9a-f]{64}$/), 'GAUNTLET_IMAGE']).toContainEqual(result);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses what is no archive, or is not there', async () => {
    await expect(readArchive(import.meta.filename, 'amd64')).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
    await expect(readArchive('/nowhere.tar', 'amd64')).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
    await expect(readArchive('/', 'amd64')).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
  });
});

describe('renameImage', () => {
  const reference = 'registry.example.com/released:v1';

  it.each([dockerArchive, ociArchive])('gives an archive another reference and leaves the rest as it is (%o)', async (write) => {
    const folder = temporaryFolder();
    const path = await write(folder);
    const before = await describeImage(path);
    const architecture = before.architectures[0] ?? 'amd64';
    const renamed = await renameImage(await readArchive(path, architecture), reference, { cacheDirectory: folder });
    const { platforms, digest, reference: after } = await describeImage(renamed.path);
    expect({ platforms, digest, reference: after }).toEqual({ platforms: before.platforms, digest: before.digest, reference });
    expect((await readFile(renamed.path)).includes('mine/program')).toBe(false);
  });

  it('renames an image of its own, and does it once', async () => {
    const folder = temporaryFolder();
    const built = await buildImage(sampleImage, { architectures: ['amd64'], toolchain: sampleToolchain(folder), cacheDirectory: folder });
    const renamed = await renameImage(built, reference, { cacheDirectory: folder });
    expect(await readArchive(renamed.path, 'amd64')).toEqual({ ...built, reference, path: renamed.path, bytes: renamed.bytes });
    expect(await renameImage(built, reference, { cacheDirectory: folder })).toEqual(renamed);
  });
});
