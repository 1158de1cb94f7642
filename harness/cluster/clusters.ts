// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../errors.ts';
import { hostArchitecture } from '../platform.ts';
import { milliseconds } from '../units.ts';
import { existingProvider } from './existing.ts';
import { kindProvider } from './kind.ts';
import { NativeCluster } from './native/cluster.ts';
import { removeCluster, sweep } from './native/leftovers.ts';
import { NativeProvider } from './native/provider.ts';
import type { ToolResolver } from './native/tools.ts';
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import type { Cluster, ClusterOptions, Provider, ProviderName } from './provider.ts';
import { Registry, type RegistryEntry } from './registry.ts';

/** What clusters are made with. */
export interface ClustersOptions {
  readonly toolchain: ToolResolver;
  /** Folder that is shared by all runs on this machine: `~/.cache/gauntlet`. */
  readonly cacheDirectory: string;
}

/** A cluster of this machine, for `gauntlet cluster status`. */
export interface ClusterStatus extends RegistryEntry {
  /** `dead`: its processes are gone and its leftovers wait for the next sweep. */
  readonly state: 'starting' | 'running' | 'dead';
}

/** How often a process that is not a child of this one is looked at: the kernel tells of its end nobody but its parent. */
const watchInterval = milliseconds(500);

/** All clusters of this machine, and the providers that make new ones. */
export class Clusters {
  readonly #registry: Registry;
  readonly #native: NativeProvider;

  constructor(options: ClustersOptions) {
    this.#registry = new Registry(options.cacheDirectory);
    this.#native = new NativeProvider(options.toolchain, this.#registry);
  }

  /** A provider by its name. */
  provider(name: ProviderName): Provider {
    return { native: this.#native, kind: kindProvider, existing: existingProvider }[name];
  }

  /**
   * The first provider that can work here, and why; `existing` is never taken unasked.
   *
   * @throws GauntletError `GAUNTLET_NO_ROOT`, `GAUNTLET_OS_PACKAGE_MISSING` or `GAUNTLET_UNSUPPORTED_PLATFORM` when none can.
   */
  async choose(): Promise<{ readonly provider: Provider; readonly reason: string }> {
    const refusals: string[] = [];
    for (const provider of [kindProvider, this.#native]) {
      const { ok, reason } = await provider.available();
      if (ok) return { provider, reason: [`${provider.name}: ${reason}`, ...refusals].join('; ') };
      refusals.push(`not ${provider.name}: ${reason}`);
    }
    // The one that works without a container engine says best what is missing here.
    await this.#native.preflight({ architecture: hostArchitecture() });
    throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', `No provider can make a cluster here (${refusals.join('; ')})`, {
      hint: 'Run `gauntlet run` as root on Linux; the launcher installs what is missing on Debian.',
    });
  }

  /** Brings up a native cluster that stays when this process ends, until {@link Clusters.stop}. */
  createDetached(options: ClusterOptions): Promise<Cluster> {
    return this.#native.createDetached(options);
  }

  /** All clusters that are remembered, dead ones included. */
  async list(): Promise<readonly ClusterStatus[]> {
    const entries = await this.#registry.list();
    return Promise.all(entries.map(async (entry) => ({ ...entry, state: await stateOf(entry) })));
  }

  /**
   * A running cluster by name. Disposing it only lets go of it.
   *
   * @throws GauntletError `GAUNTLET_NO_CLUSTER` when there is none.
   */
  async attach(name: string): Promise<Cluster> {
    const entry = await this.#registry.find(name);
    if (entry?.init === undefined || !entry.isReady || !(await isAlive(entry.init))) throw noCluster(name);
    const letGo = new AbortController();
    return new NativeCluster({
      ...entry,
      init: entry.init.pid,
      failed: rejectWhenGone(name, entry.init, letGo.signal),
      onImageLoaded: () => undefined,
      dispose() {
        letGo.abort();
        return Promise.resolve();
      },
    });
  }

  /**
   * Ends a cluster, whoever owns it, and removes what it leaves.
   *
   * @throws GauntletError `GAUNTLET_NO_CLUSTER` when nothing of this name is remembered.
   */
  async stop(name: string): Promise<void> {
    const entry = await this.#registry.find(name);
    if (entry === undefined) throw noCluster(name);
    await removeCluster(this.#registry, entry);
  }

  /** Removes what clusters with dead owners have left; returns their names. */
  sweep(): Promise<readonly string[]> {
    return sweep(this.#registry);
  }
}

async function stateOf(entry: RegistryEntry): Promise<ClusterStatus['state']> {
  if (!(await isAlive(entry.owner))) return 'dead';
  return entry.isReady ? 'running' : 'starting';
}

function rejectWhenGone(name: string, init: ProcessIdentity, signal: AbortSignal): Promise<never> {
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  const look = async (): Promise<void> => {
    if (await isAlive(init)) return;
    clearInterval(timer);
    gone.reject(
      new GauntletError('GAUNTLET_COMPONENT_DIED', `The cluster ${name} has ended`, {
        hint: 'Its logs say why: `gauntlet cluster status` names their folder.',
      }),
    );
  };
  const timer = setInterval(() => void look(), watchInterval.ms).unref();
  signal.addEventListener('abort', () => {
    clearInterval(timer);
  });
  return gone.promise;
}

function noCluster(name: string): GauntletError {
  return new GauntletError('GAUNTLET_NO_CLUSTER', `No cluster named ${name} runs on this machine`, {
    hint: '`gauntlet cluster status` lists those that do, `gauntlet cluster up` starts one.',
  });
}
