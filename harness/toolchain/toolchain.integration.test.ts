// SPDX-License-Identifier: Apache-2.0
import { execFileSync, spawn, type ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { hostArchitecture } from '../platform.ts';
import { readElf } from './elf.ts';
import { FileServer, serving } from './testing/file-server.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import type { ToolName } from './tool.ts';
import { Toolchain } from './toolchain.ts';

const host = hostArchitecture();
const foreign = host === 'amd64' ? 'arm64' : 'amd64';
const pathWithoutGo = (process.env['PATH'] ?? '')
  .split(delimiter)
  .filter((folder) => !existsSync(join(folder, 'go')))
  .join(delimiter);

interface Resolved {
  readonly origin: string;
  readonly provenance: string;
  readonly file: string;
  readonly digest: string;
}

/** Another process that resolves one tool; `lines` is what it has printed. */
function resolveElsewhere(name: ToolName, cacheDirectory: string, env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, 'testing', 'resolve-in-child.ts');
  const child: ChildProcessByStdio<null, Readable, null> = spawn(
    process.execPath,
    ['--experimental-strip-types', script, name, cacheDirectory],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    },
  );
  const output = createInterface(child.stdout);
  const lines: string[] = [];
  output.on('line', (line) => lines.push(line));
  const ended = once(output, 'close');
  return {
    child,
    lines,
    printed: async (wanted: string): Promise<void> => {
      while (!lines.some((line) => line.startsWith(wanted))) await once(output, 'line');
    },
    resolved: async (): Promise<Resolved> => {
      await ended;
      const result = lines.find((line) => line.startsWith('resolved '));
      if (result === undefined) throw new Error(`not resolved: ${lines.join('; ')}`);
      return JSON.parse(result.slice('resolved '.length)) as Resolved;
    },
    failed: async (): Promise<unknown> => {
      await ended;
      return JSON.parse(lines.find((line) => line.startsWith('failed '))?.slice('failed '.length) ?? 'null');
    },
  };
}

async function mirrorOf(content: Buffer) {
  const server = await FileServer.start();
  const path = `k6/1.8.1/linux-${host}/k6`;
  server.serve('/SHA256SUMS', `${createHash('sha256').update(content).digest('hex')}  ${path}\n`);
  server.serve(`/${path}`, content);
  return { server, path: `/${path}`, env: { GAUNTLET_MIRROR: server.url('').href, PATH: pathWithoutGo } };
}

test('two processes at once: one downloads, the other waits and takes its result', async () => {
  const content = Buffer.from('#!/bin/sh\n');
  const { server, path, env } = await mirrorOf(content);
  const cache = temporaryFolder();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  server.on(path, (request, response) => void released.then(() => serving(content)(request, response)));
  const first = resolveElsewhere('k6', cache, env);
  await first.printed('started k6');
  const second = resolveElsewhere('k6', cache, env);
  await second.printed('waiting k6');
  release();
  const results = await Promise.all([first.resolved(), second.resolved()]);
  expect(results.map(({ origin }) => origin)).toEqual(['download', 'cache']);
  expect(new Set(results.map(({ digest }) => digest)).size).toBe(1);
  expect(server.requests.filter((request) => request.startsWith(path))).toHaveLength(1);
});

test('SIGKILL during a download: the waiting process takes over, goes on where it was, and nothing else stays', async () => {
  const content = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(1 << 20, '#')]);
  const { server, path, env } = await mirrorOf(content);
  const cache = temporaryFolder();
  const half = 1 << 19;
  server.on(path, (_, response) => {
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, half));
  });
  const killed = resolveElsewhere('k6', cache, env);
  const downloads = join(cache, 'downloads');
  await vi.waitFor(() => expect(readdirSync(downloads)).toHaveLength(1));
  const survivor = resolveElsewhere('k6', cache, env);
  await survivor.printed('waiting k6');
  server.serve(path, content);
  killed.child.kill('SIGKILL');
  expect(await survivor.resolved()).toMatchObject({ digest: `sha256:${createHash('sha256').update(content).digest('hex')}` });
  expect(server.requests.at(-1)).toMatch(/^\S+ bytes=\d+-$/);
  expect(readdirSync(downloads)).toEqual([]);
  expect(readdirSync(join(cache, 'tools', 'k6')).filter((name) => name.includes('.tmp-'))).toEqual([]);
});

test('SIGKILL during a build: the next one goes on where it was, with a Go that it brings itself', async () => {
  const cache = temporaryFolder();
  const env = { PATH: pathWithoutGo };
  const killed = resolveElsewhere('echo-basic', cache, env);
  await killed.printed('finished go');
  const compiled = (): number => readdirSync(join(cache, 'go-build'), { recursive: true }).length;
  await vi.waitFor(() => expect(compiled()).toBeGreaterThan(400), { timeout: 300_000 });
  killed.child.kill('SIGKILL');
  const kept = compiled();
  const next = resolveElsewhere('echo-basic', cache, env);
  const tool = await next.resolved();
  expect(tool).toMatchObject({ origin: 'build', provenance: expect.stringMatching(/^built by Go 1\.26\.6 from/) as unknown });
  expect(compiled()).toBeGreaterThan(kept);
  expect(await readElf(tool.file)).toEqual({ machine: host, isWhole: true, interpreter: undefined, needed: [] });
  expect(readdirSync(join(cache, 'tools', 'echo-basic')).filter((name) => name.includes('.tmp-'))).toEqual([]);
});

test('a full disk is one clear error and leaves a cache that works', async () => {
  const cache = temporaryFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'gauntlet-test', cache]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', cache]));
  const content = Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(1 << 20, '#')]);
  const { env } = await mirrorOf(content);
  expect(await resolveElsewhere('k6', cache, env).failed()).toMatchObject({ code: 'GAUNTLET_DISK_FULL' });
  execFileSync('mount', ['-o', 'remount,size=16m', cache]);
  expect(await resolveElsewhere('k6', cache, env).resolved()).toMatchObject({ origin: 'download' });
});

test('what images of the other architecture are made of can be had here', async () => {
  const toolchain = Toolchain.open({ cacheDirectory: temporaryFolder(), architecture: foreign });
  onTestFinished(() => toolchain[Symbol.asyncDispose]());
  const [userland, envoy, node] = [
    await toolchain.resolve('debian-userland'),
    await toolchain.resolve('envoy'),
    await toolchain.resolve('node'),
  ];
  for (const file of [userland.file('bin/busybox'), userland.file('usr/bin/catatonit'), envoy.file(), node.file()]) {
    expect(await readElf(file)).toMatchObject({ machine: foreign });
  }
  expect(userland.provenance).toContain(`_${foreign}`);
});

test('charts and definitions are those of the release', async () => {
  const toolchain = Toolchain.open({ cacheDirectory: temporaryFolder() });
  onTestFinished(() => toolchain[Symbol.asyncDispose]());
  const charts = await toolchain.resolve('kgateway-charts');
  expect(readFileSync(charts.file('kgateway/Chart.yaml'), 'utf8')).toContain('name: kgateway');
  const crds = await toolchain.resolve('gateway-api-crds');
  const gateways = readFileSync(crds.file('standard/gateway.networking.k8s.io_gateways.yaml'), 'utf8');
  expect(gateways).toContain('gateway.networking.k8s.io/bundle-version: v1.4.1');
});
