// SPDX-License-Identifier: Apache-2.0
import { apiServerUrl } from './addresses.ts';
import type { ClusterPki, PemPair } from './pki.ts';

/** A kubeconfig for one client of the cluster, keys included. JSON is YAML, and needs no library. */
export function kubeconfig(pki: ClusterPki, client: PemPair, user: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'gauntlet',
    clusters: [{ name: 'gauntlet', cluster: { server: apiServerUrl, 'certificate-authority-data': base64(pki.ca.certificate) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(client.certificate), 'client-key-data': base64(client.key) } }],
    contexts: [{ name: 'gauntlet', context: { cluster: 'gauntlet', user } }],
  });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
