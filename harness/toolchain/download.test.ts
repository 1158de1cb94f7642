// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { milliseconds, seconds } from '../units.ts';
import { Downloader } from './download.ts';
import { breakingOffAfter, FileServer, serving } from './testing/file-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const content = Buffer.from('0123456789'.repeat(1000));
const sha256 = createHash('sha256').update(content).digest('hex');

function setUp(answerWithin = seconds(5)) {
  const directory = temporaryFolder();
  const partials = join(directory, 'partials');
  const downloader = new Downloader({ partialDirectory: partials, answerWithin });
  onTestFinished(() => downloader[Symbol.asyncDispose]());
  return { downloader, partial: join(partials, `${sha256}.partial`), partials, destination: join(directory, 'out', 'file') };
}

test('a file of the pinned digest arrives, and nothing else stays', async () => {
  const server = await FileServer.start();
  server.serve('/file', content);
  const { downloader, partials, destination } = setUp();
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
  expect(readdirSync(partials)).toEqual([]);
});

test('a file of another digest is refused and thrown away', async () => {
  const server = await FileServer.start();
  server.serve('/file', 'something else');
  const { downloader, partials, destination } = setUp();
  const downloading = downloader.file({ url: server.url('file'), sha256, destination });
  await expect(downloading).rejects.toMatchObject({
    code: 'GAUNTLET_TOOL_BUILD_FAILED',
    message: expect.stringContaining(`instead of the pinned ${sha256}`) as unknown,
  });
  expect(existsSync(destination)).toBe(false);
  expect(readdirSync(partials)).toEqual([]);
});

test('a file that the server does not have is no reason to ask again', async () => {
  const server = await FileServer.start();
  const { downloader, destination } = setUp();
  await expect(downloader.file({ url: server.url('file'), sha256, destination })).rejects.toThrow('the server answered 404');
  expect(server.requests).toEqual(['/file']);
});

/** Waits until so much of a download has come through. */
const sizeReaches = (path: string, bytes: number) => vi.waitFor(() => expect(statSync(path).size).toBe(bytes), { interval: 1 });

test('a download that breaks off goes on where it was', async () => {
  const server = await FileServer.start();
  const { downloader, partial, destination } = setUp();
  const answers = [breakingOffAfter(4000, content, () => sizeReaches(partial, 4000)), serving(content)];
  server.on('/file', (request, response) => answers.shift()?.(request, response));
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
  expect(server.requests).toEqual(['/file', '/file bytes=4000-']);
});

test('one that keeps breaking off fails, and a later command goes on where it was', async () => {
  const server = await FileServer.start();
  const { downloader, partial, destination } = setUp();
  server.on(
    '/file',
    breakingOffAfter(1000, content, () => sizeReaches(partial, server.requests.length * 1000)),
  );
  await expect(downloader.file({ url: server.url('file'), sha256, destination })).rejects.toThrow('the connection broke off 3 times');
  expect(readFileSync(partial, 'utf8')).toBe(content.toString('utf8', 0, 3000));
  server.serve('/file', content);
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
  expect(server.requests.at(-1)).toBe('/file bytes=3000-');
});

test('wherever it breaks off, what arrives is whole', async () => {
  const server = await FileServer.start();
  const { downloader, destination } = setUp();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(content.length), { maxLength: 2 }), async (breaks) => {
      const answers = [...breaks.map((bytes) => breakingOffAfter(bytes, content)), serving(content)];
      server.on('/file', (request, response) => answers.shift()?.(request, response));
      await downloader.file({ url: server.url('file'), sha256, destination });
      expect(readFileSync(destination, 'utf8')).toBe(content.toString());
    }),
    { numRuns: 25 },
  );
});

test('a server that does not know ranges is read from the start', async () => {
  const server = await FileServer.start();
  server.on('/file', (_, response) => response.end(content));
  const { downloader, partials, partial, destination } = setUp();
  mkdirSync(partials);
  writeFileSync(partial, content.subarray(0, 5000));
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
});

test('a partial file that is already whole is taken as it is; one with a wrong start is thrown away', async () => {
  const server = await FileServer.start();
  server.serve('/file', content);
  const { downloader, partials, partial, destination } = setUp();
  mkdirSync(partials);
  writeFileSync(partial, content);
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
  writeFileSync(partial, Buffer.alloc(5000, 'x'));
  await expect(downloader.file({ url: server.url('file'), sha256, destination })).rejects.toThrow('was thrown away');
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
});

test('a server that cannot be reached is asked once', async () => {
  const server = await FileServer.start();
  const url = server.url('file');
  await server.stop();
  const { downloader, destination } = setUp();
  const first = downloader.file({ url, sha256, destination });
  await expect(first).rejects.toThrow(`${url.host} cannot be reached`);
  const failure: unknown = await first.catch((error: unknown) => error);
  await expect(downloader.text(server.url('SHA256SUMS'))).rejects.toBe(failure);
});

test('a server that accepts and never answers counts as one that cannot be reached', async () => {
  const server = await FileServer.start();
  server.on('/file', () => undefined);
  const { downloader, destination } = setUp(milliseconds(20));
  await expect(downloader.file({ url: server.url('file'), sha256, destination })).rejects.toThrow('cannot be reached');
});

test('a redirect is followed, as release hosts use it', async () => {
  const server = await FileServer.start();
  server.on('/file', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
  server.serve('/elsewhere', content);
  const { downloader, destination } = setUp();
  await downloader.file({ url: server.url('file'), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
});

test('a file of this machine is checked like any other', async () => {
  const { downloader, destination } = setUp();
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, content);
  await downloader.file({ url: pathToFileURL(path), sha256, destination });
  expect(readFileSync(destination, 'utf8')).toBe(content.toString());
  expect(readFileSync(path, 'utf8')).toBe(content.toString());
  writeFileSync(path, 'changed');
  await expect(downloader.file({ url: pathToFileURL(path), sha256, destination })).rejects.toThrow('was thrown away');
});

test('a text is given, or undefined where there is none; a failing server is an error', async () => {
  const server = await FileServer.start();
  server.serve('/text', 'a text');
  server.on('/broken', (_, response) => response.writeHead(500).end());
  const { downloader } = setUp();
  expect(await downloader.text(server.url('text'))).toBe('a text');
  expect(await downloader.text(server.url('missing'))).toBeUndefined();
  expect(await downloader.text(pathToFileURL('/no/such/file'))).toBeUndefined();
  await expect(downloader.text(server.url('broken'))).rejects.toThrow('the server answered 500');
});

test('an interruption ends a download that stalls, and what came so far stays', async () => {
  const server = await FileServer.start();
  const abort = new AbortController();
  server.on('/file', (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 100), () => abort.abort(new Error('stop')));
  });
  const { downloader, destination } = setUp();
  await expect(downloader.file({ url: server.url('file'), sha256, destination, signal: abort.signal })).rejects.toThrow('stop');
  expect(existsSync(destination)).toBe(false);
});
