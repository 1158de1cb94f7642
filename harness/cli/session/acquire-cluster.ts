// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Clusters } from '../../cluster/clusters.ts';
import type { Cluster, ClusterEvent, ClusterOptions, Provider } from '../../cluster/provider.ts';
import type { ImageArchive } from '../../images/image.ts';
import { formatDuration } from '../../units.ts';
import type { SessionOptions } from '../options.ts';
import type { ToldOfProgress } from '../tool-progress.ts';

/** What a cluster is acquired for. */
export interface Acquisition {
  readonly runId: string;
  /** The run's folder. */
  readonly directory: string;
  readonly images: readonly ImageArchive[];
  readonly clusters: Clusters;
  readonly source: ClusterSource;
  readonly options: Pick<SessionOptions, 'kubeconfig' | 'arch' | 'keep'>;
  readonly signal: AbortSignal;
}

/** Where the cluster of a session comes from: one that runs already, or a provider with the reason for which it was taken. */
export type ClusterSource = { readonly attach: string } | { readonly provider: Provider; readonly reason: string };

/**
 * Decides where the cluster comes from and refuses what cannot work there, before anything is built for it.
 *
 * @throws GauntletError of the provider: `GAUNTLET_NO_ROOT`, `GAUNTLET_KUBECONFIG`, `GAUNTLET_NOT_IMPLEMENTED`, ...
 */
export async function chooseSource(
  clusters: Clusters,
  options: Pick<SessionOptions, 'cluster' | 'attach' | 'kubeconfig' | 'arch'>,
): Promise<ClusterSource> {
  const { cluster, attach, kubeconfig, arch } = options;
  if (attach !== undefined) return { attach };
  const source =
    cluster === 'auto' ? await clusters.choose() : { provider: clusters.provider(cluster), reason: `${cluster}: as asked for` };
  await source.provider.preflight({ architecture: arch, ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  return source;
}

/** A cluster for one session. */
export interface AcquiredCluster {
  readonly cluster: Cluster;
  /** Ends the cluster, or lets go of it where it is to stay; returns how to reach and remove one that stays. */
  release(): Promise<string | undefined>;
}

/**
 * The cluster that the options ask for: one that runs already, a new one that ends with this process, or with `--keep` a new one that stays.
 *
 * @throws GauntletError of the provider.
 */
export async function acquireCluster(acquisition: Acquisition, tell: ToldOfProgress): Promise<AcquiredCluster> {
  const { runId, directory, images, clusters, source, options, signal } = acquisition;
  if ('attach' in source) {
    const name = source.attach;
    const cluster = await clusters.attach(name);
    await cluster.loadImages(images);
    return {
      cluster,
      release: async () => {
        await cluster[Symbol.asyncDispose]();
        return stays(name);
      },
    };
  }
  const clusterOptions: ClusterOptions = {
    name: runId,
    directory: join(directory, 'cluster'),
    architecture: options.arch,
    images,
    signal,
    onEvent: (event) => {
      const line = describeEvent(event);
      if (line !== undefined) tell(line);
    },
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
  };
  const { provider } = source;
  tell(source.reason);
  if (options.keep && provider.name === 'native') {
    const cluster = await clusters.createDetached(clusterOptions);
    // Disposing of it would end it: who made it is its only owner until this process ends.
    return { cluster, release: () => Promise.resolve(stays(runId)) };
  }
  const cluster = await provider.create(clusterOptions);
  return {
    cluster,
    release: async () => {
      await cluster[Symbol.asyncDispose]();
      return undefined;
    },
  };
}

function stays(name: string): string {
  return [`The cluster ${name} keeps running:`, ...howToUse(name).map((line) => `  ${line}`)].join('\n');
}

/** Commands for a cluster that stays. */
export function howToUse(name: string): readonly string[] {
  return [
    `gauntlet cluster kubectl --name ${name} -- get pods -A`,
    `gauntlet cluster shell --name ${name}`,
    `gauntlet run --attach ${name}`,
    `gauntlet cluster down --name ${name}`,
  ];
}

/** An event of a cluster as a line for a person; undefined for what is not worth one. */
export function describeEvent(event: ClusterEvent): string | undefined {
  switch (event.type) {
    case 'component-started':
      return undefined;
    case 'component-ready':
      return `${event.component} ready after ${formatDuration({ ms: event.afterMs })}`;
    case 'component-died':
      return [
        `${event.component} ended with ${event.status}${event.restarting ? ', restarting it' : ''}; its last lines:`,
        ...event.lastLines,
      ].join('\n  ');
    case 'image-loaded':
      return `image ${event.reference} loaded after ${formatDuration({ ms: event.afterMs })}`;
    case 'node-ready':
      return `node ready after ${formatDuration({ ms: event.afterMs })}`;
  }
}
