// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { GauntletError, messageOf } from '../../errors.ts';
import { hostArchitecture } from '../../platform.ts';
import type { ClusterOptions, Provider } from '../provider.ts';
import type { Registry } from '../registry.ts';
import type { NativeCluster } from './cluster.ts';
import { ImageStore } from './image-store.ts';
import { sweep } from './leftovers.ts';
import { checkDirectory, checkMachine, prepareKernel, thisMachine, type Machine } from './preflight.ts';
import { startCluster } from './start.ts';
import { resolveTools, type ToolResolver } from './tools.ts';

/** Real Kubernetes without a container engine, on Linux as root, in namespaces of its own. */
export class NativeProvider implements Provider {
  readonly name = 'native';
  readonly #toolchain: ToolResolver;
  readonly #registry: Registry;
  readonly #machine: Machine;

  constructor(toolchain: ToolResolver, registry: Registry, machine: Machine = thisMachine()) {
    this.#toolchain = toolchain;
    this.#registry = registry;
    this.#machine = machine;
  }

  async available(): Promise<{ ok: boolean; reason: string }> {
    try {
      await checkMachine(this.#machine);
      return { ok: true, reason: 'this is Linux, with root and all operating-system packages' };
    } catch (error) {
      return { ok: false, reason: messageOf(error) };
    }
  }

  async preflight(options: Pick<ClusterOptions, 'architecture'>): Promise<void> {
    checkArchitecture(options);
    await checkMachine(this.#machine);
    await prepareKernel();
  }

  create(options: ClusterOptions): Promise<NativeCluster> {
    return this.#start(options, 'owned');
  }

  /** Brings up a cluster that stays when this process ends, until it is stopped by name. */
  createDetached(options: ClusterOptions): Promise<NativeCluster> {
    return this.#start(options, 'detached');
  }

  async #start(given: ClusterOptions, lifetime: 'owned' | 'detached'): Promise<NativeCluster> {
    const options = { ...given, directory: resolve(given.directory) };
    checkName(options.name);
    await this.preflight(options);
    await Promise.all([checkDirectory(options.directory), sweep(this.#registry)]);
    const tools = await resolveTools(this.#toolchain, this.#machine.path, options.signal);
    const imageStore = new ImageStore(this.#registry.cacheDirectory, tools.containerd);
    return startCluster({ options, tools, registry: this.#registry, imageStore, lifetime });
  }
}

function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) return;
  throw new GauntletError('GAUNTLET_USAGE', `${JSON.stringify(name)} cannot be the name of a cluster`, {
    hint: 'Use up to 63 lower-case letters, digits and dashes.',
  });
}

function checkArchitecture({ architecture }: Pick<ClusterOptions, 'architecture'>): void {
  const host = hostArchitecture();
  if (architecture === host) return;
  throw new GauntletError(
    'GAUNTLET_NOT_IMPLEMENTED',
    `A native cluster of ${architecture} on a machine of ${host} needs emulation, which is not part of this release`,
    {
      hint: `Use a machine of ${architecture}.`,
    },
  );
}
