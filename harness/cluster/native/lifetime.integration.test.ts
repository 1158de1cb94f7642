// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hostArchitecture } from '../../platform.ts';
import type { Toolchain } from '../../toolchain/toolchain.ts';
import type { Clusters } from '../clusters.ts';
import { hierarchies } from '../../machine/cgroup-hierarchies.ts';
import { eventually, on, onNode, openTestClusters } from './integration-setup.ts';

let toolchain: Toolchain;
let clusters: Clusters;
let directory = '';
let name = '';
let count = 0;

beforeAll(() => {
  ({ toolchain, clusters } = openTestClusters());
});

afterAll(() => toolchain[Symbol.asyncDispose]());

beforeEach(async () => {
  count += 1;
  name = `life-${process.pid}-${count}`;
  directory = await mkdtemp(join(tmpdir(), 'gauntlet-life-'));
});

afterEach(() => rm(directory, { recursive: true }));

/** What is there of a cluster: processes by the mark that they all inherit or by their group, mounts, interfaces, groups. */
async function tracesOf(mark: string, groups: readonly string[]): Promise<readonly string[]> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const processes = pids.map(async (pid) => {
    const isMarked = (await read(`/proc/${pid}/environ`)).includes(`GAUNTLET_TEST_MARK=${mark}`);
    return isMarked || (await read(`/proc/${pid}/cgroup`)).includes(mark) ? [`process ${pid} ${await read(`/proc/${pid}/comm`)}`] : [];
  });
  const mounts = (await read('/proc/self/mountinfo')).split('\n').filter((line) => line.includes(mark));
  const folders = groups.map(async (group) => ((await stat(group).catch(() => undefined)) === undefined ? [] : [group]));
  return [...(await Promise.all(processes)).flat(), ...mounts, ...(await Promise.all(folders)).flat()];
}

async function groupsOf(cluster: string): Promise<readonly string[]> {
  return (await hierarchies()).map(({ mountPoint }) => join(mountPoint, `gauntlet-${cluster}`));
}

const interfaces = async (): Promise<readonly string[]> => (await readdir('/sys/class/net')).sort();

/** Starts an owner, kills it when it tells of a moment or that long after it began, and gives what it had told. */
async function killOwnerAt(moment: string): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('testdata/owner.ts', import.meta.url));
  const owner = spawn(process.execPath, ['--experimental-strip-types', script, name, directory], {
    env: { ...process.env, GAUNTLET_TEST_MARK: name },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(owner, 'exit');
  const seen: string[] = [];
  const afterMs = /^(\d+) ms$/.exec(moment)?.[1];
  createInterface({ input: owner.stdout }).on('line', (line) => {
    seen.push(line);
    if (line === moment) owner.kill('SIGKILL');
    if (line === 'begin' && afterMs !== undefined) setTimeout(() => owner.kill('SIGKILL'), Number(afterMs));
  });
  expect(await ended).toEqual([null, 'SIGKILL']);
  return seen;
}

const moments = [
  'begin',
  'etcd component-started',
  'kube-apiserver component-started',
  'kubelet component-started',
  'node-ready',
  'up',
  '10 ms',
  '60 ms',
  '150 ms',
  '400 ms',
];

test.each(moments)(
  'SIGKILL of the owner at "%s" leaves no process, mount or interface, and the next sweep removes the rest',
  async (moment) => {
    const before = await interfaces();
    const seen = await killOwnerAt(moment);
    expect(seen).toContain(/ ms$/.test(moment) ? 'begin' : moment);
    await eventually('end of everything', async () => ((await tracesOf(name, [])).length === 0 ? true : undefined));
    expect(await interfaces()).toEqual(before);
    await clusters.sweep();
    expect(await tracesOf(name, await groupsOf(name))).toEqual([]);
    expect((await clusters.list()).filter((cluster) => cluster.name === name)).toEqual([]);
    expect((await readdir(directory)).filter((entry) => !['logs', 'events.ndjson'].includes(entry))).toEqual([]);
  },
);

test('two clusters at once have the same addresses and never meet; disposing one leaves the other', async () => {
  const provider = clusters.provider('native');
  const [first, second] = await Promise.all(
    ['a', 'b'].map((suffix) =>
      provider.create({ name: `${name}-${suffix}`, directory: join(directory, suffix), architecture: hostArchitecture() }),
    ),
  );
  if (first === undefined || second === undefined) throw new Error('two clusters were asked for');
  const kubectl = (await toolchain.resolve('kubectl')).file();
  await on(first, kubectl, ['create', 'namespace', 'only-in-the-first']);
  expect(await on(second, kubectl, ['get', 'namespaces', '--output=name'])).not.toContain('only-in-the-first');
  await first[Symbol.asyncDispose]();
  expect(await on(second, kubectl, ['get', 'nodes', '--output=name'])).toBe('node/gauntlet');
  await second[Symbol.asyncDispose]();
  expect(await tracesOf(name, [...(await groupsOf(`${name}-a`)), ...(await groupsOf(`${name}-b`))])).toEqual([]);
});

test('a detached cluster is found by name, outlives who found it, and is stopped by name', async () => {
  await clusters.createDetached({ name, directory, architecture: hostArchitecture() });
  const cluster = await clusters.attach(name);
  const kubectl = (await toolchain.resolve('kubectl')).file();
  await cluster[Symbol.asyncDispose]();
  expect(await on(cluster, kubectl, ['get', 'nodes', '--output=name'])).toBe('node/gauntlet');
  expect(await clusters.list()).toContainEqual(expect.objectContaining({ name, state: 'running', isDetached: true }));
  const again = await clusters.attach(name);
  const failure = expect(again.failed).rejects.toMatchObject({ code: 'GAUNTLET_COMPONENT_DIED' });
  await clusters.stop(name);
  await failure;
  expect(await tracesOf(name, await groupsOf(name))).toEqual([]);
  await expect(clusters.attach(name)).rejects.toMatchObject({ code: 'GAUNTLET_NO_CLUSTER' });
});

test('an aborted start leaves nothing', async () => {
  const controller = new AbortController();
  const start = clusters.provider('native').create({
    name,
    directory,
    architecture: hostArchitecture(),
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'component-ready') controller.abort(new Error('enough'));
    },
  });
  await expect(start).rejects.toMatchObject({ code: 'GAUNTLET_INTERRUPTED', message: expect.stringContaining('enough') as string });
  expect(await tracesOf(name, await groupsOf(name))).toEqual([]);
});

test('a component that cannot live is given up with its last lines', async () => {
  const cluster = await clusters.provider('native').create({ name, directory, architecture: hostArchitecture() });
  const failure = expect(cluster.failed).rejects.toMatchObject({
    code: 'GAUNTLET_COMPONENT_DIED',
    message: expect.stringMatching(/kube-scheduler ended: exit status 1[^]*kube-scheduler.kubeconfig/) as string,
  });
  await onNode(
    cluster,
    `echo broken > ${directory}/config/kube-scheduler.kubeconfig; for p in /proc/[0-9]*; do case "$(readlink $p/exe)" in */kube-scheduler) kill \${p#/proc/};; esac; done`,
  );
  await failure;
  await cluster[Symbol.asyncDispose]();
  expect(await tracesOf(name, await groupsOf(name))).toEqual([]);
});
