// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';

/** Paths of everything that one native cluster writes. */
export interface Layout {
  readonly directory: string;
  /** `<component>.log` of each component; `pods/` below it holds the logs of containers. Kept when the cluster ends. */
  readonly logs: string;
  readonly podLogs: string;
  readonly pki: string;
  /** Configuration files and kubeconfigs of the components. */
  readonly config: string;
  readonly cniConfig: string;
  /** Content and snapshots of images. */
  readonly containerd: string;
  /** Volumes of pods. */
  readonly kubelet: string;
  /** Kubeconfig with administrator rights. */
  readonly kubeconfig: string;
  /** What the supervisor was started with. */
  readonly plan: string;
  /** Each event of the supervisor, one JSON object a line. */
  readonly events: string;
}

/** The layout below one folder. */
export function layoutOf(directory: string): Layout {
  return {
    directory,
    logs: join(directory, 'logs'),
    podLogs: join(directory, 'logs', 'pods'),
    pki: join(directory, 'pki'),
    config: join(directory, 'config'),
    cniConfig: join(directory, 'config', 'cni'),
    containerd: join(directory, 'containerd'),
    kubelet: join(directory, 'kubelet'),
    kubeconfig: join(directory, 'kubeconfig'),
    plan: join(directory, 'plan.json'),
    events: join(directory, 'events.ndjson'),
  };
}

/** Folders made before the supervisor starts. */
export function foldersOf(layout: Layout): readonly string[] {
  return [layout.podLogs, layout.pki, layout.cniConfig, layout.containerd, layout.kubelet];
}

/** What is removed when the cluster ends: all but logs and events, which are evidence. */
export function disposablesOf(layout: Layout): readonly string[] {
  return [layout.containerd, layout.kubelet, layout.pki, layout.config, layout.kubeconfig, layout.plan];
}

/** Paths inside the cluster's mount namespace, where `/run` is its own tmpfs. */
export const nodePaths = {
  containerdSocket: '/run/containerd/containerd.sock',
  containerdState: '/run/containerd',
  etcd: '/run/etcd',
  hostLocal: '/run/cni',
  resolvConf: '/run/gauntlet-resolv.conf',
} as const;

/** Path of a component's log. */
export const logOf = (layout: Layout, component: string): string => join(layout.logs, `${component}.log`);

/** Path of a component's kubeconfig. */
export const kubeconfigOf = (layout: Layout, component: string): string => join(layout.config, `${component}.kubeconfig`);
