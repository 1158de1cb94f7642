// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar, tarOf } from './tar.ts';
import type { TarEntry } from './tar.ts';

const owner = { mode: 0o644, uid: 0, gid: 0 };

function file(name: string, content: Uint8Array, more: Partial<TarEntry> = {}): TarEntry {
  return { name, type: 'file', ...owner, size: content.length, content: () => [content], ...more };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

function inPieces(bytes: Buffer, size: number): AsyncIterable<Buffer> {
  const starts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => index * size);
  return Readable.from(starts.map((start) => bytes.subarray(start, start + size)));
}

async function namesIn(bytes: Buffer): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of readTar(inPieces(bytes, 700))) names.push(name);
  return names;
}

describe('tarOf', () => {
  it('is read by the tar of the system as it was meant', async () => {
    const bytes = await bytesOf(
      tarOf([
        { name: 'd', type: 'directory', mode: 0o1777, uid: 7, gid: 8, size: 0 },
        file('d/run', Buffer.from('#!/bin/sh\n'), { mode: 0o755 }),
        { name: 'd/link', type: 'symlink', ...owner, size: 0, linkname: 'run' },
        file('d/empty', Buffer.alloc(0)),
      ]),
    );
    const listing = execFileSync('tar', ['--list', '--verbose', '--numeric-owner', '--utc', '--file', '-'], {
      input: bytes,
      encoding: 'utf8',
    });
    expect(listing.trim().split('\n')).toEqual([
      'drwxrwxrwt 7/8               0 1970-01-01 00:00 d/',
      '-rwxr-xr-x 0/0              10 1970-01-01 00:00 d/run',
      'lrw-r--r-- 0/0               0 1970-01-01 00:00 d/link -> run',
      '-rw-r--r-- 0/0               0 1970-01-01 00:00 d/empty',
    ]);
  });

  it('gives back any content, in whatever pieces it comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}(\/[a-zé]{1,90}){0,3}$/), { minLength: 1, maxLength: 5 }),
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 2000 }),
        async (names, content, pieceSize) => {
          const pieces = () => inPieces(Buffer.from(content), pieceSize);
          const bytes = await bytesOf(tarOf(names.map((name) => ({ ...file(name, content), content: pieces }))));
          const read: string[] = [];
          for await (const entry of readTar(inPieces(bytes, pieceSize))) {
            read.push(entry.name);
            expect(await bytesOf(entry.content)).toEqual(Buffer.from(content));
          }
          expect(read).toEqual(names);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('fails when a content is longer or shorter than its entry says', async () => {
    await expect(bytesOf(tarOf([file('a', Buffer.from('long'), { size: 3 })]))).rejects.toThrow('Size mismatch');
    await expect(bytesOf(tarOf([file('a', Buffer.from('long'), { size: 5 })]))).rejects.toThrow('Size mismatch');
  });

  it('fails as its content fails', async () => {
    const content = async function* () {
      yield Buffer.from('first');
      await Promise.reject(new Error('the disk is gone'));
    };
    await expect(bytesOf(tarOf([{ ...file('a', Buffer.alloc(10)), content }]))).rejects.toThrow('the disk is gone');
  });

  it('closes its content when the reader stops early', async () => {
    let closed = false;
    const content = async function* () {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(1 << 16));
      } finally {
        closed = true;
      }
    };
    const chunks = tarOf([{ ...file('a', Buffer.alloc(0)), size: 2 ** 32, content }]);
    await chunks.next();
    await chunks.return(undefined);
    expect(closed).toBe(true);
  });
});

describe('readTar', () => {
  const sample = bytesOf(tarOf([file('a', Buffer.alloc(5000, 'a')), file('b', Buffer.from('b'))]));

  it('skips what was not read, and what was read in part', async () => {
    expect(await namesIn(await sample)).toEqual(['a', 'b']);
    const names: string[] = [];
    for await (const { name, content } of readTar(inPieces(await sample, 1000))) {
      names.push(name);
      await content[Symbol.asyncIterator]().next();
    }
    expect(names).toEqual(['a', 'b']);
  });

  it('never takes a cut or damaged tar for a whole one with the same entries', async () => {
    const bytes = await sample;
    const contentEnd = 512 + 5120 + 512 + 1;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: contentEnd }), async (length) => {
        const names = await namesIn(bytes.subarray(0, length)).catch(() => 'refused');
        expect(names).not.toEqual(['a', 'b']);
      }),
    );
    await expect(namesIn(bytes.subarray(0, 3000))).rejects.toThrow('Unexpected end of data');
    const damaged = Buffer.from(bytes);
    damaged.write('xx', 148);
    await expect(namesIn(damaged)).rejects.toThrow('Invalid tar header');
  });
});
