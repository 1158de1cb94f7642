// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import type { ImageArchive } from '../../images/image.ts';
import type { Architecture } from '../../platform.ts';
import type { CommandWrapper } from '../../process/command.ts';
import type { Cluster, ClusterDescription } from '../provider.ts';
import { controlling, hierarchies } from '../../machine/cgroup-hierarchies.ts';
import { importImages } from './image-loader.ts';
import { layoutOf, type Layout } from './layout.ts';
import { onNetworkOf, onNodeOf } from './namespaces.ts';
import type { SupervisorPlan } from './protocol.ts';

/** What a native cluster that runs is known by. */
export interface NativeClusterOptions {
  readonly name: string;
  readonly directory: string;
  readonly architecture: Architecture;
  /** PID 1 of its namespaces. */
  readonly init: number;
  readonly failed: Promise<never>;
  readonly onImageLoaded: (reference: string) => void;
  /** Called once, when the cluster is disposed of. */
  readonly dispose: () => Promise<void>;
}

/** A native cluster that runs, whether this process made it or found it. */
export class NativeCluster implements Cluster {
  readonly provider = 'native';
  readonly name: string;
  readonly architecture: Architecture;
  readonly network: CommandWrapper;
  readonly node: CommandWrapper;
  readonly failed: Promise<never>;
  readonly #options: NativeClusterOptions;
  readonly #layout: Layout;
  #disposal: Promise<void> | undefined;

  constructor(options: NativeClusterOptions) {
    this.name = options.name;
    this.architecture = options.architecture;
    this.network = onNetworkOf(options.init);
    this.node = onNodeOf(options.init);
    this.failed = options.failed;
    this.#options = options;
    this.#layout = layoutOf(options.directory);
  }

  get kubeconfig(): string {
    return this.#layout.kubeconfig;
  }

  get logDirectory(): string {
    return this.#layout.logs;
  }

  loadImages(images: readonly ImageArchive[]): Promise<void> {
    return importImages(this.#options.init, images, this.#options.onImageLoaded);
  }

  async describe(): Promise<ClusterDescription> {
    const [kubernetes, containerRuntime, iptables, groups] = await Promise.all([
      this.#kubernetesVersion(),
      answerOf('containerd', ['--version']),
      answerOf('iptables', ['--version']),
      hierarchies(),
    ]);
    return {
      provider: 'native',
      kubernetes,
      containerRuntime,
      nodes: 1,
      architecture: this.architecture,
      details: {
        cgroups: `v${controlling(groups)[0]?.version ?? 'unknown'}`,
        services: `kube-proxy with ${iptables}`,
        pods: 'CNI bridge, one node',
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#options.dispose();
    return this.#disposal;
  }

  async #kubernetesVersion(): Promise<string> {
    const plan = JSON.parse(await readFile(this.#layout.plan, 'utf8')) as SupervisorPlan;
    return (await answerOf(plan.tools.kubeApiserver, ['--version'])).replace(/^Kubernetes /, '');
  }
}

async function answerOf(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execa(file, args, { stdin: 'ignore' });
  return stdout.trim();
}
