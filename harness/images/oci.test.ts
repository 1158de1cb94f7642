// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest';
import { blobPath, describeIndex, describeLayout, describePlatform, tagOf } from './oci.ts';

const layers = [
  { name: 'base', digest: `sha256:${'a'.repeat(64)}`, bytes: 1024 },
  { name: 'program', digest: `sha256:${'b'.repeat(64)}`, bytes: 2048 },
];
const config = {
  entrypoint: ['/program', '--serve'],
  cmd: ['--verbose'],
  user: '65532:65532',
  env: { PATH: '/bin', EMPTY: '' },
  labels: { 'org.opencontainers.image.title': 'program' },
  workingDirectory: '/home',
};
const amd64 = describePlatform('amd64', config, layers);
const arm64 = describePlatform('arm64', { entrypoint: ['/program'] }, layers);
const index = describeIndex([amd64, arm64]);

describe('the documents of an image', () => {
  it('are these for a configuration with everything', async () => {
    await expect(pretty(amd64.config.text)).toMatchFileSnapshot('testdata/config.golden.json');
    await expect(pretty(amd64.manifest.text)).toMatchFileSnapshot('testdata/manifest.golden.json');
    await expect(pretty(index.text)).toMatchFileSnapshot('testdata/index.golden.json');
    const { 'index.json': top = '', 'manifest.json': docker = '' } = describeLayout('example.com/program:v1', index, [amd64, arm64]);
    await expect(pretty(top)).toMatchFileSnapshot('testdata/layout-index.golden.json');
    await expect(pretty(docker)).toMatchFileSnapshot('testdata/docker-manifest.golden.json');
  });

  it('leave out what a configuration does not say', () => {
    expect(JSON.parse(arm64.config.text)).toMatchObject({ architecture: 'arm64', config: { Entrypoint: ['/program'] } });
    expect(Object.keys((JSON.parse(arm64.config.text) as { config: object }).config)).toEqual(['Entrypoint']);
  });

  it('have digests that differ as soon as anything in them does', () => {
    expect(amd64.config.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(amd64.config.digest).not.toBe(arm64.config.digest);
    expect(describeIndex([arm64, amd64]).digest).not.toBe(index.digest);
  });
});

it('finds the tag of a reference, also behind a registry with a port', () => {
  expect(tagOf('cr.kgateway.dev/kgateway-dev/kgateway:v2.2.0')).toBe('v2.2.0');
  expect(tagOf('localhost:5000/kgateway')).toBe('latest');
  expect(blobPath('sha256:abc')).toBe('blobs/sha256/abc');
});

function pretty(text: string): string {
  return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
}
