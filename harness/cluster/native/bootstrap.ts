// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import { milliseconds } from '../../units.ts';
import { addresses, nodeName } from './addresses.ts';
import type { ApiClient } from './api-client.ts';

const retryInterval = milliseconds(50);

/** What matters of a node here; other kinds are only looked for. */
interface Node {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Waits until the node is Ready. */
export async function untilNodeReady(api: ApiClient): Promise<void> {
  await untilSeen(api, `/api/v1/nodes?fieldSelector=metadata.name%3D${nodeName}`, (node) =>
    (node.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
}

/** Waits for the service account without which the API server refuses every pod of the namespace `default`. */
export async function untilPodsAllowed(api: ApiClient): Promise<void> {
  await untilSeen(api, '/api/v1/namespaces/default/serviceaccounts?fieldSelector=metadata.name%3Ddefault', () => true);
}

/** Makes the Service that pods ask for names. CoreDNS runs on the node itself, so the endpoint is the node and not a pod: one image and two seconds less. */
export async function publishDns(api: ApiClient): Promise<void> {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ];
  await untilCreated(api, '/api/v1/namespaces/kube-system/services', {
    metadata: { name: 'kube-dns', labels: { 'k8s-app': 'kube-dns' } },
    spec: { clusterIP: addresses.dnsService, ports },
  });
  await untilCreated(api, '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices', {
    metadata: { name: 'kube-dns', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [addresses.node], conditions: { ready: true }, nodeName }],
    ports,
  });
}

/** Creates an object; the namespace may be a moment away, as the API server makes its own only after it answers. */
async function untilCreated(api: ApiClient, path: string, object: object): Promise<void> {
  for (;;) {
    try {
      await api.send('POST', path, object);
      return;
    } catch {
      await delay(retryInterval.ms);
    }
  }
}

/** Watches a collection until one object of it is as wanted; begins again when the watch ends. */
async function untilSeen(api: ApiClient, path: string, isWanted: (object: Node) => boolean): Promise<void> {
  for (;;) {
    try {
      for await (const { type, object } of api.watch<Node>(`${path}&watch=1`)) {
        if ((type === 'ADDED' || type === 'MODIFIED') && isWanted(object)) return;
      }
    } catch {
      await delay(retryInterval.ms);
    }
  }
}
