// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../errors.ts';
import type { Architecture } from '../../platform.ts';
import { findCniPlugins, findProgram } from './preflight.ts';
import type { NativeTools } from './protocol.ts';

/** What the provider asks of the toolchain: make a tool ready and say where its binary is. */
export interface ToolResolver {
  resolve(name: NodeTool, options: { architecture?: Architecture; signal?: AbortSignal }): Promise<{ file(name?: string): string }>;
}

/** Tools of the toolchain that a native cluster runs. */
export type NodeTool =
  'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy' | 'kubelet' | 'coredns' | 'debian-userland';

/**
 * Paths of all binaries of a cluster.
 *
 * @throws GauntletError of the toolchain, or `GAUNTLET_OS_PACKAGE_MISSING`.
 */
export async function resolveTools(toolchain: ToolResolver, path: string, signal?: AbortSignal): Promise<NativeTools> {
  const file = async (name: NodeTool, output?: string): Promise<string> =>
    (await toolchain.resolve(name, signal === undefined ? {} : { signal })).file(output);
  const [etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kubeProxy, kubelet, coredns, catatonit] = await Promise.all([
    file('etcd'),
    file('kube-apiserver'),
    file('kube-controller-manager'),
    file('kube-scheduler'),
    file('kube-proxy'),
    file('kubelet'),
    file('coredns'),
    file('debian-userland', 'usr/bin/catatonit'),
  ]);
  const containerd = await findProgram('containerd', path);
  const cniPlugins = await findCniPlugins();
  if (containerd === undefined || cniPlugins === undefined) {
    throw new GauntletError('GAUNTLET_OS_PACKAGE_MISSING', 'containerd or its CNI plugins are not installed', {
      hint: 'apt-get install --no-install-recommends containerd containernetworking-plugins',
    });
  }
  return { etcd, kubeApiserver, kubeControllerManager, kubeScheduler, kubeProxy, kubelet, coredns, catatonit, containerd, cniPlugins };
}
