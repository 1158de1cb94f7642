// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hostArchitecture } from '../platform.ts';
import { exampleTool } from './testing/example-tool.ts';
import { FileServer } from './testing/file-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { ToolDefinition, ToolEvent, ToolName } from './tool.ts';
import { Toolchain, type ToolchainOptions } from './toolchain.ts';

const example = 'example' as ToolName;
const script = '#!/bin/sh\necho "example v1.2.3"\n';
const sha256 = (content: string): string => createHash('sha256').update(content).digest('hex');
const host = hostArchitecture();

function open(definitions: readonly ToolDefinition[], options: Partial<ToolchainOptions> = {}) {
  const events: ToolEvent[] = [];
  const toolchain = Toolchain.open({
    cacheDirectory: temporaryFolder(),
    env: {},
    definitions,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => toolchain[Symbol.asyncDispose]());
  return { toolchain, events };
}

/** A folder laid out as a mirror, with the example tool for this machine. */
function mirrorFolder(content = script, digest = sha256(content)): string {
  const mirror = temporaryFolder();
  const path = `example/1.2.3/linux-${host}`;
  mkdirSync(join(mirror, path), { recursive: true });
  writeFileSync(join(mirror, path, 'example'), content);
  writeFileSync(join(mirror, 'SHA256SUMS'), `${digest}  ${path}/example\n`);
  return mirror;
}

/** The example tool as a release of a loopback server. */
function released(server: FileServer, digest = sha256(script)): ToolDefinition {
  server.serve(`/example-linux-${host}`, script);
  return exampleTool({
    sources: [{ kind: 'release', url: server.url('example-linux-').href + '{arch}', sha256: { amd64: digest, arm64: digest } }],
  });
}

test('a release is downloaded once, then comes from the cache', async () => {
  const server = await FileServer.start();
  const definition = released(server);
  const cacheDirectory = temporaryFolder();
  const { toolchain, events } = open([definition], { cacheDirectory });
  const tool = await toolchain.resolve(example);
  expect(tool).toMatchObject({
    origin: 'download',
    version: '1.2.3',
    digest: `sha256:${sha256(script)}`,
    provenance: expect.stringContaining('release from 127.0.0.1') as unknown,
  });
  expect(readFileSync(tool.file(), 'utf8')).toBe(script);
  expect(events.map(({ type }) => type)).toEqual(['started', 'finished']);
  const again = open([definition], { cacheDirectory });
  expect(await again.toolchain.resolve(example)).toMatchObject({ origin: 'cache', digest: tool.digest, provenance: tool.provenance });
  expect(again.events).toEqual([]);
  expect(server.requests).toHaveLength(1);
});

test('asked for twice at once, it is prepared once', async () => {
  const server = await FileServer.start();
  const { toolchain } = open([released(server)]);
  const [first, second] = await Promise.all([toolchain.resolve(example), toolchain.resolve(example)]);
  expect(second).toBe(first);
  expect(server.requests).toHaveLength(1);
});

test('a mirror comes before the release', async () => {
  const server = await FileServer.start();
  const { toolchain } = open([released(server)], { mirror: mirrorFolder() });
  expect(await toolchain.resolve(example)).toMatchObject({ origin: 'download', provenance: expect.stringMatching(/^mirror /) as unknown });
  expect(server.requests).toEqual([]);
});

test('a mirror over HTTP, named by the environment, gives folders too', async () => {
  const server = await FileServer.start();
  const path = `mirror/example/1.2.3/linux-${host}/chart/Chart.yaml`;
  server.serve('/mirror/SHA256SUMS', `${sha256('name: x')}  ${path.slice('mirror/'.length)}\n`);
  server.serve(`/${path}`, 'name: x');
  const { toolchain } = open([exampleTool({ outputs: ['chart'] })], { env: { GAUNTLET_MIRROR: server.url('mirror').href } });
  expect(readFileSync((await toolchain.resolve(example)).file('chart/Chart.yaml'), 'utf8')).toBe('name: x');
});

test.each([
  ['does not list it', () => mirrorFolder(script, 'not a digest'), undefined],
  ['gives another content', () => mirrorFolder('damaged', sha256(script)), 'instead of the pinned'],
  ['is no mirror', temporaryFolder, 'has no SHA256SUMS'],
  ['cannot be reached', () => 'http://127.0.0.1:1/', 'cannot be reached'],
])('a mirror that %s is passed over', async (_, mirror, note) => {
  const server = await FileServer.start();
  const { toolchain, events } = open([released(server)], { mirror: mirror() });
  expect((await toolchain.resolve(example)).provenance).toMatch(/^release from/);
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.message] : []));
  expect(notes).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
});

test('that a server cannot be reached is said once for all tools', async () => {
  const server = await FileServer.start();
  const definition = released(server);
  const { toolchain, events } = open([definition, { ...definition, name: 'other' }], { mirror: 'http://127.0.0.1:1/' });
  await toolchain.prepare([example, 'other' as ToolName], { onProgress: (event) => events.push(event) });
  expect(events.filter(({ type }) => type === 'note')).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/^127\.0\.0\.1:1 cannot be reached/) as unknown }),
  ]);
});

test('a release of another content than the pinned one is never used', async () => {
  const server = await FileServer.start();
  const { toolchain } = open([released(server, sha256('the real one'))]);
  await expect(toolchain.resolve(example)).rejects.toMatchObject({
    code: 'GAUNTLET_TOOL_BUILD_FAILED',
    message: expect.stringContaining('instead of the pinned') as unknown,
  });
});

test('a tool that could not be had is asked for anew by the next call', async () => {
  const server = await FileServer.start();
  const definition = released(server);
  server.on(`/example-linux-${host}`, (_, response) => response.writeHead(404).end());
  const { toolchain } = open([definition]);
  await expect(toolchain.resolve(example)).rejects.toThrow('the server answered 404');
  server.serve(`/example-linux-${host}`, script);
  await expect(toolchain.resolve(example)).resolves.toMatchObject({ origin: 'download' });
});

test('damage in the cache is noticed, told, and mended', async () => {
  const server = await FileServer.start();
  const definition = released(server);
  const cacheDirectory = temporaryFolder();
  const path = (await open([definition], { cacheDirectory }).toolchain.resolve(example)).file();
  writeFileSync(path, 'damaged');
  const { toolchain, events } = open([definition], { cacheDirectory });
  expect((await toolchain.list())[0]?.missing?.reason).toMatch(/^corrupt: example has 7 bytes/);
  expect(readFileSync((await toolchain.resolve(example)).file(), 'utf8')).toBe(script);
  expect(events[0]).toMatchObject({ type: 'note', message: expect.stringContaining('corrupt') as unknown });
});

test('a full verification finds what a quick look cannot, and removes it', async () => {
  const server = await FileServer.start();
  const { toolchain } = open([released(server)]);
  const path = (await toolchain.resolve(example)).file();
  expect(await toolchain.verify()).toEqual([]);
  writeFileSync(path, script.replace('1.2.3', '6.6.6'));
  expect(await toolchain.verify()).toEqual([
    { name: 'example', architecture: host, reason: expect.stringContaining('another content') as unknown },
  ]);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync((await toolchain.resolve(example)).file(), 'utf8')).toBe(script);
});

test('a given path comes before everything, for a tool that exists', async () => {
  const given = join(temporaryFolder(), 'mine');
  writeFileSync(given, script, { mode: 0o755 });
  const { toolchain } = open([exampleTool()], { given: { example: given }, mirror: mirrorFolder() });
  expect((await toolchain.resolve(example)).file()).toBe(given);
  expect(() => open([exampleTool()], { given: { exmaple: given } })).toThrow('There is no tool exmaple');
  await expect(toolchain.resolve('nothing' as ToolName)).rejects.toMatchObject({ code: 'GAUNTLET_UNKNOWN_TOOL' });
});

test('PATH comes before the cache', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'example'), script, { mode: 0o755 });
  const definition = exampleTool({ versionProbe: { args: [], pattern: 'v(\\S+)' } });
  const { toolchain } = open([definition], { env: { PATH: folder }, mirror: mirrorFolder() });
  expect(await toolchain.resolve(example)).toMatchObject({ origin: 'path', directory: folder });
});

test('progress counts only what has to be prepared', async () => {
  const server = await FileServer.start();
  const definition = released(server);
  const other: ToolDefinition = { ...definition, name: 'other' };
  const { toolchain } = open([definition, other]);
  await toolchain.resolve(example);
  const progress: string[] = [];
  const tools = await toolchain.prepare([example, 'other' as ToolName], {
    onProgress: (event) => progress.push(`${event.type} ${event.name} ${event.index}/${event.total}`),
  });
  expect(progress).toEqual(['started other 1/1', 'finished other 1/1']);
  expect(tools.map(({ name }) => name)).toEqual(['example', 'other']);
});

test('all missing packages are named before anything is prepared', async () => {
  const server = await FileServer.start();
  const [first, second] = ['one', 'two'].map((name) =>
    exampleTool({ name, sources: [{ kind: 'os', package: `package-${name}`, candidates: { example: ['/no/such/file'] } }] }),
  ) as [ToolDefinition, ToolDefinition];
  const { toolchain } = open([released(server), first, second]);
  const preparing = toolchain.prepare([example, 'one', 'two'] as ToolName[]);
  await expect(preparing).rejects.toMatchObject({
    code: 'GAUNTLET_OS_PACKAGE_MISSING',
    hint: expect.stringContaining('package-one package-two') as unknown,
  });
  await expect(toolchain.resolve('one' as ToolName)).rejects.toMatchObject({ code: 'GAUNTLET_OS_PACKAGE_MISSING' });
  expect(server.requests).toEqual([]);
});

test('the list says what is here, what is missing and how it would come, and fetches nothing', async () => {
  const server = await FileServer.start();
  const missing: ToolDefinition = { ...released(server), name: 'missing' };
  const { toolchain } = open([missing], { mirror: mirrorFolder() });
  const [status] = await toolchain.list();
  expect(status).toMatchObject({
    name: 'missing',
    version: '1.2.3',
    missing: { reason: 'not here', plan: expect.stringMatching(/^look in the mirror, else download from 127/) as unknown },
  });
  expect(server.requests).toEqual([]);
});

test('an architecture that a tool cannot be had for is refused', async () => {
  const foreign = host === 'amd64' ? 'arm64' : 'amd64';
  const { toolchain } = open([exampleTool({ architectures: [host] })]);
  await expect(toolchain.resolve(example, { architecture: foreign })).rejects.toMatchObject({ code: 'GAUNTLET_WRONG_ARCHITECTURE' });
  expect((await toolchain.list())[0]).toMatchObject({ architecture: host });
});

test('an interruption says so', async () => {
  const server = await FileServer.start();
  const abort = new AbortController();
  const definition = released(server);
  server.on(`/example-linux-${host}`, (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('half', () => abort.abort());
  });
  const { toolchain } = open([definition]);
  await expect(toolchain.resolve(example, { signal: abort.signal })).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED' });
});

test('a tool that only the user has is asked for by the flag that takes it', async () => {
  const definition = exampleTool({ sources: [{ kind: 'given', flag: '--proxy-bin' }] });
  const { toolchain } = open([definition]);
  await expect(toolchain.resolve(example)).rejects.toMatchObject({
    code: 'GAUNTLET_USAGE',
    message: expect.stringContaining('is in no package registry') as string,
    hint: expect.stringContaining('--proxy-bin PATH') as string,
  });
  expect((await toolchain.list())[0]?.missing?.plan).toBe('give its path by --proxy-bin');
});
