// SPDX-License-Identifier: Apache-2.0

/**
 * Addresses inside a native cluster. They come from 198.18.0.0/15, which RFC 2544 reserves for benchmarks, so they meet no real network;
 * and they live in the cluster's own network namespace, so neither another cluster nor a port of this machine can be in the way.
 */
export const addresses = {
  /** Pods, on the bridge. */
  podCidr: '198.18.0.0/16',
  /** Virtual addresses of Services. */
  serviceCidr: '198.19.0.0/20',
  /** The Service `default/kubernetes`: always the first of {@link addresses.serviceCidr}. */
  kubernetesService: '198.19.0.1',
  /** The Service `kube-system/kube-dns`. */
  dnsService: '198.19.0.10',
  /** Handed out to Services of type LoadBalancer. */
  loadBalancerCidr: '198.19.240.0/24',
  /** The node. */
  node: '198.19.255.1',
  nodePrefix: 24,
} as const;

/** Name of the only node. */
export const nodeName = 'gauntlet';

/** DNS domain of the cluster. */
export const clusterDomain = 'cluster.local';

/** Where the API server answers, inside the cluster's network. */
export const apiServerUrl = `https://${addresses.node}:6443`;

/** Reference of the image that holds a pod's namespaces; `catatonit -P` in it. */
export const sandboxImage = 'gauntlet.dev/pause:1';
