// SPDX-License-Identifier: Apache-2.0
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ImageCache } from './image-cache.ts';
import { prepareLayer } from './layer.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

describe('prepareLayer', () => {
  it('knows size and digest of what is then written', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'source'), 'content');
    const layer = { name: 'one', entries: [{ type: 'file' as const, path: 'a/b', source: join(folder, 'source') }] };
    const prepared = await prepareLayer(layer, new ImageCache(folder));
    expect(prepared).toMatchObject({ bytes: 3 * 512 + 512 + 1024 - 512, digest: expect.stringMatching(/^sha256:/) as string });
    expect(await sizeOf(prepared.content())).toBe(prepared.bytes);
    expect(await prepareLayer(layer, new ImageCache(folder))).toMatchObject({ digest: prepared.digest, bytes: prepared.bytes });
  });

  it.each([' that has grown', '\0'.repeat(2000)])('refuses to write a source that changed meanwhile (%#)', async (addition) => {
    const folder = temporaryFolder();
    const source = join(folder, 'source');
    await writeFile(source, 'content');
    const prepared = await prepareLayer({ name: 'one', entries: [{ type: 'file', path: 'a', source }] }, new ImageCache(folder));
    await appendFile(source, addition);
    await expect(sizeOf(prepared.content())).rejects.toMatchObject({
      code: 'GAUNTLET_IMAGE',
      message: expect.stringContaining('layer one') as string,
    });
  });

  it('refuses to write a source that changed without changing its size', async () => {
    const folder = temporaryFolder();
    const source = join(folder, 'source');
    await writeFile(source, 'content');
    const prepared = await prepareLayer({ name: 'one', entries: [{ type: 'file', path: 'a', source }] }, new ImageCache(folder));
    await writeFile(source, 'CONTENT');
    await expect(sizeOf(prepared.content())).rejects.toMatchObject({ code: 'GAUNTLET_IMAGE' });
  });
});

describe('ImageCache', () => {
  it('keeps nothing of a file that could not be written, and names a full disk', async () => {
    const folder = temporaryFolder();
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const write = new ImageCache(folder).write('archives', 'a.tar', async (file) => {
      await file.write('half');
      throw full;
    });
    await expect(write).rejects.toMatchObject({ code: 'GAUNTLET_DISK_FULL' });
    expect(await readdir(join(folder, 'images', 'archives'))).toEqual([]);
  });
});
