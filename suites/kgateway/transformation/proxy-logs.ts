// SPDX-License-Identifier: Apache-2.0
import type { Kube } from '../../../harness/kube/kube.ts';

/** The pods of a Gateway's proxies. */
export function proxyPods(kube: Kube, { name, namespace }: { readonly name: string; readonly namespace: string }) {
  return kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector: `gateway.networking.k8s.io/gateway-name=${name}` });
}

/** What the proxies of a Gateway logged since then, one after the other. */
export async function proxyLogs(kube: Kube, gateway: { readonly name: string; readonly namespace: string }, since: Date): Promise<string> {
  const pods = await proxyPods(kube, gateway);
  const logs = pods.map((pod) => kube.logs({ namespace: gateway.namespace, name: pod.metadata.name }, { since }));
  return (await Promise.all(logs)).join('\n');
}
