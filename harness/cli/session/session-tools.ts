// SPDX-License-Identifier: Apache-2.0
import type { RunStarted } from '../../run/events.ts';
import type { ImageDefinition } from '../../images/image.ts';
import type { Target } from '../../target/target.ts';
import type { ToolName } from '../../toolchain/tool.ts';

/** What a native cluster consists of, and what its pause image is made from. */
export const clusterTools: readonly ToolName[] = [
  'debian-userland',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
  'coredns',
];

/** Tools that a session needs beside those of its images, in the order in which they are made ready. */
export function toolsOfSession(
  target: Pick<Target, 'tools'>,
  images: readonly ImageDefinition[],
  kind: RunStarted['kind'],
): readonly ToolName[] {
  const own: Partial<Record<RunStarted['kind'], readonly ToolName[]>> = {
    conformance: ['gateway-api-conformance'],
    bench: ['wrk'],
    load: ['wrk', 'h2load', 'k6', 'openssl', 'python'],
  };
  return [...new Set([...clusterTools, ...target.tools, ...images.flatMap(({ tools }) => tools), ...(own[kind] ?? [])])];
}
