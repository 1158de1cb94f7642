// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { Clusters, type ClusterStatus } from '../../cluster/clusters.ts';
import { layoutOf } from '../../cluster/native/layout.ts';
import { GauntletError } from '../../errors.ts';
import { buildImage } from '../../images/build-image.ts';
import { clusterImages } from '../../images/definitions/index.ts';
import { hostArchitecture } from '../../platform.ts';
import type { Command as Program } from '../../process/command.ts';
import { Toolchain } from '../../toolchain/toolchain.ts';
import { formatDuration } from '../../units.ts';
import { withToolOption } from '../options.ts';
import { cacheDirectory, runsDirectory } from '../paths.ts';
import { describeEvent, howToUse } from '../session/acquire-cluster.ts';
import { clusterTools } from '../session/session-tools.ts';
import { prepareTools } from '../tool-progress.ts';

/** Name of the cluster that the commands mean unless told otherwise. */
const defaultName = 'gauntlet';

/** `gauntlet cluster`: a cluster to look around in, or the one that a run with `--keep` has left. */
export function clusterCommand(): Command {
  return new Command('cluster')
    .description('A cluster to work in: start, look, stop')
    .enablePositionalOptions()
    .addCommand(
      withToolOption(named(new Command('up').description('Start a native cluster that stays until `cluster down`')))
        .addOption(new Option('--cluster <provider>', 'where it comes from').choices(['native', 'kind', 'existing']).default('native'))
        .action(up),
    )
    .addCommand(named(new Command('down').description('Stop a cluster and remove all of it')).action(down))
    .addCommand(new Command('status').description('All clusters of this machine').option('--json', 'print JSON', false).action(status))
    .addCommand(
      named(new Command('kubectl').description('Run kubectl on a cluster').argument('[arguments...]')).passThroughOptions().action(kubectl),
    )
    .addCommand(
      named(new Command('shell').description('A shell on the node: its network, mounts and processes').argument('[command...]'))
        .passThroughOptions()
        .action(shell),
    )
    .addCommand(
      named(new Command('logs').description('The log of a component; without one, which there are').argument('[component]')).action(logs),
    );
}

interface Named {
  readonly name: string;
}

function named(command: Command): Command {
  return command.option('--name <name>', 'name of the cluster', defaultName);
}

async function withClusters<T>(
  tool: Readonly<Record<string, string>>,
  use: (clusters: Clusters, toolchain: Toolchain) => Promise<T>,
): Promise<T> {
  await using toolchain = Toolchain.open({ cacheDirectory: cacheDirectory(), given: tool });
  return await use(new Clusters({ toolchain, cacheDirectory: cacheDirectory() }), toolchain);
}

async function up(
  options: Named & { readonly tool: Readonly<Record<string, string>>; readonly cluster: 'native' | 'kind' | 'existing' },
): Promise<void> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  await withClusters(options.tool, async (clusters, toolchain) => {
    const startedAt = performance.now();
    if (options.cluster !== 'native') {
      await clusters.provider(options.cluster).create({ name: options.name, directory: runsDirectory(), architecture: hostArchitecture() });
      return;
    }
    await prepareTools(toolchain, clusterTools, say);
    const images = await Promise.all(
      clusterImages.map((image) => buildImage(image, { architectures: [hostArchitecture()], toolchain, cacheDirectory: cacheDirectory() })),
    );
    await clusters.createDetached({
      name: options.name,
      directory: join(runsDirectory(), `cluster-${options.name}`),
      architecture: hostArchitecture(),
      images,
      onEvent: (event) => {
        const line = describeEvent(event);
        if (line !== undefined) say(line);
      },
    });
    say(`The cluster ${options.name} is up after ${formatDuration({ ms: performance.now() - startedAt })}:`);
    for (const line of howToUse(options.name)) say(`  ${line}`);
  });
}

async function down({ name }: Named): Promise<void> {
  await withClusters({}, async (clusters) => {
    await clusters.stop(name);
    process.stdout.write(`The cluster ${name} is gone.\n`);
  });
}

async function status({ json }: { readonly json: boolean }): Promise<void> {
  await withClusters({}, async (clusters) => {
    const all = await clusters.list();
    if (json) process.stdout.write(`${JSON.stringify(all, undefined, 2)}\n`);
    else if (all.length === 0) process.stdout.write('No cluster runs: `gauntlet cluster up` starts one.\n');
    else process.stdout.write(`${all.map(statusLine).join('\n')}\n`);
  });
}

function statusLine({ name, state, provider, architecture, isDetached, owner, startedAt, directory }: ClusterStatus): string {
  const belongs = isDetached ? 'stays until `cluster down`' : `belongs to process ${owner.pid}`;
  return `${name}  ${state}  ${provider} ${architecture}  since ${startedAt}  ${belongs}  ${directory}`;
}

async function kubectl(args: readonly string[], { name }: Named): Promise<void> {
  await withClusters({}, async (clusters, toolchain) => {
    const cluster = await clusters.attach(name);
    const file = (await toolchain.resolve('kubectl')).file();
    await passThrough(cluster.network({ file, args: ['--kubeconfig', cluster.kubeconfig, ...args] }));
    await cluster[Symbol.asyncDispose]();
  });
}

async function shell(args: readonly string[], { name }: Named): Promise<void> {
  await withClusters({}, async (clusters, toolchain) => {
    const cluster = await clusters.attach(name);
    const [file = process.env['SHELL'] ?? '/bin/sh', ...rest] = args;
    const { directory } = await toolchain.resolve('kubectl');
    const onNode = cluster.node ?? cluster.network;
    await passThrough(
      onNode({ file, args: rest, env: { KUBECONFIG: cluster.kubeconfig, PATH: `${directory}:${process.env['PATH'] ?? ''}` } }),
    );
    await cluster[Symbol.asyncDispose]();
  });
}

async function logs(component: string | undefined, { name }: Named): Promise<void> {
  await withClusters({}, async (clusters) => {
    const cluster = (await clusters.list()).find((candidate) => candidate.name === name);
    if (cluster === undefined) {
      throw new GauntletError('GAUNTLET_NO_CLUSTER', `No cluster named ${name} is known on this machine`, {
        hint: '`gauntlet cluster status` lists them.',
      });
    }
    const folder = layoutOf(cluster.directory).logs;
    const components = (await readdir(folder)).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -'.log'.length)] : [])).sort();
    if (component === undefined) {
      process.stdout.write(`${components.join('\n')}\n`);
      return;
    }
    if (!components.includes(component)) {
      throw new GauntletError('GAUNTLET_USAGE', `The cluster ${name} has no component ${component}`, {
        hint: `Its components are ${components.join(', ')}.`,
      });
    }
    process.stdout.write(await readFile(join(folder, `${component}.log`)));
  });
}

/** Runs a program in place of this one: its input, output and exit code. */
async function passThrough(command: Program): Promise<void> {
  process.exitCode = await new Promise<number>((resolve, reject) => {
    const child = spawn(command.file, command.args, { stdio: 'inherit', env: { ...process.env, ...command.env } });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 4));
  });
}
