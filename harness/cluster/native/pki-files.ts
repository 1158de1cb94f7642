// SPDX-License-Identifier: Apache-2.0
import { nodeName } from './addresses.ts';

/** Names of the files in the cluster's PKI folder. */
export const pkiFiles = {
  ca: 'ca.crt',
  caKey: 'ca.key',
  /** One certificate serves every TLS port of the node: API server, kubelet, scheduler, controller-manager. */
  server: 'server.crt',
  serverKey: 'server.key',
  serviceAccounts: 'service-accounts.pub',
  serviceAccountsKey: 'service-accounts.key',
  /** With which the API server asks the kubelet for logs and for `exec`. */
  kubeletClient: 'kubelet-client.crt',
  kubeletClientKey: 'kubelet-client.key',
} as const;

/** Who gets a client certificate. The names are the conventional users, for audit; the group is the administrators'. */
export const clientUsers = {
  admin: 'gauntlet-admin',
  'kube-apiserver': 'kube-apiserver-kubelet-client',
  'kube-controller-manager': 'system:kube-controller-manager',
  'kube-scheduler': 'system:kube-scheduler',
  'kube-proxy': 'system:kube-proxy',
  kubelet: `system:node:${nodeName}`,
  coredns: 'system:coredns',
} as const;

/** A component or person with a client certificate. */
export type Client = keyof typeof clientUsers;
