// SPDX-License-Identifier: Apache-2.0
import type { ImageArchive } from '../images/image.ts';
import type { Architecture } from '../platform.ts';
import type { CommandWrapper } from '../process/command.ts';

/** Where a cluster can come from. */
export type ProviderName = 'native' | 'kind' | 'existing';

/** Where clusters come from. `--cluster auto` takes the first provider that is available here and says why. */
export interface Provider {
  readonly name: ProviderName;
  /** Whether it can work on this machine, and the reason in one sentence either way. Never changes anything. */
  available(): Promise<{ readonly ok: boolean; readonly reason: string }>;
  /**
   * Refuses what cannot work before anything is made or built for it.
   *
   * @throws GauntletError as {@link create}.
   */
  preflight(options: Pick<ClusterOptions, 'architecture' | 'kubeconfig'>): Promise<void>;
  /**
   * Brings up a cluster that belongs to this process: when this process ends, also by SIGKILL, nothing of the cluster stays but empty
   * cgroup folders and its own directory, and the next `create` removes those.
   *
   * @throws GauntletError `GAUNTLET_CLUSTER_START` with the component that failed and its last lines, `GAUNTLET_NOT_IMPLEMENTED`,
   * `GAUNTLET_NO_ROOT`, `GAUNTLET_KUBECONFIG`, `GAUNTLET_PORT_TAKEN`, `GAUNTLET_DISK_FULL`.
   */
  create(options: ClusterOptions): Promise<Cluster>;
}

/** What a new cluster is made with. */
export interface ClusterOptions {
  /** Unique on this machine: the run id. Lower-case letters, digits and dashes. */
  readonly name: string;
  /** Everything that the cluster writes goes below this folder, made if missing. */
  readonly directory: string;
  /** The architecture of the node and of its images. */
  readonly architecture: Architecture;
  /** Loaded while the control plane starts; more can follow by {@link Cluster.loadImages}. */
  readonly images?: readonly ImageArchive[];
  /** Told of each step, for progress and the journal. */
  readonly onEvent?: (event: ClusterEvent) => void;
  /** Ends the start, and removes what was made so far. */
  readonly signal?: AbortSignal;
  /** Path of a kubeconfig, for the `existing` provider only. */
  readonly kubeconfig?: string;
}

/** Something that happened to a cluster, in the order it happened. */
export type ClusterEvent =
  | { readonly type: 'component-started'; readonly component: string; readonly pid?: number }
  | { readonly type: 'component-ready'; readonly component: string; readonly afterMs: number }
  /** A component ended unexpectedly; `lastLines` of its log, and whether it is being restarted. */
  | {
      readonly type: 'component-died';
      readonly component: string;
      readonly status: string;
      readonly lastLines: readonly string[];
      readonly restarting: boolean;
    }
  | { readonly type: 'image-loaded'; readonly reference: string; readonly afterMs: number }
  | { readonly type: 'node-ready'; readonly afterMs: number };

/** A cluster that runs. Disposing it ends everything it consists of. */
export interface Cluster extends AsyncDisposable {
  readonly name: string;
  readonly provider: ProviderName;
  readonly architecture: Architecture;
  /** Path of a kubeconfig with administrator rights, valid for a process started through {@link Cluster.network}. */
  readonly kubeconfig: string;
  /** Makes a command run where the addresses of the cluster (API server, pods, services, load balancers) can be reached, and end with this process. */
  readonly network: CommandWrapper;
  /** Makes a command run on the node itself: its network, mounts and processes. For a shell; undefined where the node cannot be entered. */
  readonly node?: CommandWrapper;
  /** The folder with `<component>.log` of each component, for evidence. */
  readonly logDirectory: string;
  /** Makes images available to every node under their references. */
  loadImages(images: readonly ImageArchive[]): Promise<void>;
  /** Versions and facts for the report. */
  describe(): Promise<ClusterDescription>;
  /** Rejects with `GAUNTLET_COMPONENT_DIED` when the cluster can no longer be used; never resolves. */
  readonly failed: Promise<never>;
}

/** Facts about a cluster, for the report's environment section. */
export interface ClusterDescription {
  readonly provider: ProviderName;
  readonly kubernetes: string;
  readonly containerRuntime: string;
  readonly nodes: number;
  readonly architecture: Architecture;
  /** Anything else worth knowing (cgroup version, proxy mode, ...). */
  readonly details: Readonly<Record<string, string>>;
}
