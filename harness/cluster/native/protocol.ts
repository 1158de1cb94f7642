// SPDX-License-Identifier: Apache-2.0
import type { ClusterEvent } from '../provider.ts';

/** The binaries that a native cluster runs, as absolute paths. */
export interface NativeTools {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubeControllerManager: string;
  readonly kubeScheduler: string;
  readonly kubeProxy: string;
  readonly kubelet: string;
  readonly coredns: string;
  /** PID 1 of the namespaces: reaps what containers leave behind. */
  readonly catatonit: string;
  readonly containerd: string;
  /** Folder of the CNI plugins. */
  readonly cniPlugins: string;
}

/** What the supervisor is started with: a file, whose path is its only argument. */
export interface SupervisorPlan {
  readonly name: string;
  readonly directory: string;
  /** Path of the cluster's own group, as cgroup paths are written: `/gauntlet-<name>`. */
  readonly cgroupRoot: string;
  readonly tools: NativeTools;
  /** When the start was asked for, in milliseconds since the epoch: `afterMs` of events counts from here. */
  readonly startedAtMs: number;
}

/** What the supervisor tells its owner. */
export type SupervisorEvent =
  | ClusterEvent
  /** First of all: PID 1 of the cluster's namespaces, as the machine counts. */
  | { readonly type: 'namespaces'; readonly init: number }
  /** The API answers, the node is Ready, DNS and the default service account are there. */
  | { readonly type: 'ready'; readonly afterMs: number }
  /** The cluster can no longer be used; the supervisor ends after it. */
  | { readonly type: 'failed'; readonly component: string; readonly status: string; readonly lastLines: readonly string[] };

/** Line that makes the supervisor outlive its owner; without it the end of its standard input ends the cluster. */
export const detachLine = 'detach';

/** File descriptor on which the supervisor writes its events. */
export const eventDescriptor = 3;
