// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { addresses, clusterDomain, nodeName, sandboxImage } from './addresses.ts';
import { kubeconfigOf, nodePaths, type Layout } from './layout.ts';
import { pkiFiles } from './pki-files.ts';
import type { SupervisorPlan } from './protocol.ts';

/** Paths of the configuration files of components. */
export function configFiles(layout: Layout): { containerd: string; kubelet: string; kubeProxy: string; coredns: string; cni: string } {
  return {
    containerd: join(layout.config, 'containerd.toml'),
    kubelet: join(layout.config, 'kubelet.json'),
    kubeProxy: join(layout.config, 'kube-proxy.json'),
    coredns: join(layout.config, 'Corefile'),
    cni: join(layout.cniConfig, '10-gauntlet.conflist'),
  };
}

/** Text of every configuration file, by path. */
export function renderConfig(plan: SupervisorPlan, layout: Layout): Readonly<Record<string, string>> {
  const files = configFiles(layout);
  return {
    [files.containerd]: containerdConfig(plan, layout),
    [files.kubelet]: JSON.stringify(kubeletConfig(plan, layout)),
    [files.kubeProxy]: JSON.stringify(kubeProxyConfig(layout)),
    [files.coredns]: corefile(layout),
    [files.cni]: JSON.stringify(cniConfig),
    [nodePaths.resolvConf]: '',
  };
}

function containerdConfig(plan: SupervisorPlan, layout: Layout): string {
  return `version = 2
root = ${JSON.stringify(layout.containerd)}
state = "${nodePaths.containerdState}"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = "${nodePaths.containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  # Lowering oom_score_adj takes CAP_SYS_RESOURCE, which root in a container often lacks.
  restrict_oom_score_adj = true
  # As containerd 2 and Docker do by default: without it a container that is not root cannot listen on port 80.
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${JSON.stringify(plan.tools.cniPlugins)}
    conf_dir = ${JSON.stringify(layout.cniConfig)}
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

function kubeletConfig(plan: SupervisorPlan, layout: Layout): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '0.0.0.0',
    authentication: { anonymous: { enabled: false }, webhook: { enabled: false }, x509: { clientCAFile: join(layout.pki, pkiFiles.ca) } },
    // Whoever holds a client certificate of this cluster's own authority is its administrator anyway.
    authorization: { mode: 'AlwaysAllow' },
    tlsCertFile: join(layout.pki, pkiFiles.server),
    tlsPrivateKeyFile: join(layout.pki, pkiFiles.serverKey),
    containerRuntimeEndpoint: `unix://${nodePaths.containerdSocket}`,
    clusterDNS: [addresses.dnsService],
    clusterDomain,
    resolvConf: nodePaths.resolvConf,
    volumePluginDir: join(layout.kubelet, 'volume-plugins'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot: plan.cgroupRoot,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    // Tolerates what root in a container may not do.
    featureGates: { KubeletInUserNamespace: true },
    oomScoreAdj: 0,
    failSwapOn: false,
    // The disk is the machine's, not the cluster's: pods are never evicted nor images collected because of it.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    maxPods: 500,
    podPidsLimit: -1,
    serializeImagePulls: false,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    shutdownGracePeriod: '0s',
  };
}

function kubeProxyConfig(layout: Layout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clientConnection: { kubeconfig: kubeconfigOf(layout, 'kube-proxy'), qps: 200, burst: 400 },
    clusterCIDR: addresses.podCidr,
    hostnameOverride: nodeName,
    oomScoreAdj: 0,
    // The connection tracking limits are the machine's and cannot be changed from a network namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // The default of 1 s would be seen in every measurement of how fast a change arrives.
    iptables: { minSyncPeriod: '100ms' },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}

/** Names outside the cluster do not exist: no packet leaves it, and an upstream would only turn each miss into a timeout. */
function corefile(layout: Layout): string {
  return `${clusterDomain}:53 in-addr.arpa:53 ip6.arpa:53 {
    bind ${addresses.node}
    errors
    ready 127.0.0.1:8181
    kubernetes ${clusterDomain} in-addr.arpa ip6.arpa {
        kubeconfig ${kubeconfigOf(layout, 'coredns')}
        pods insecure
        ttl 5
    }
    loadbalance
}
.:53 {
    bind ${addresses.node}
    errors
    template ANY ANY . {
        rcode NXDOMAIN
    }
}
`;
}

const cniConfig = {
  cniVersion: '0.4.0',
  name: 'gauntlet',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      hairpinMode: true,
      ipam: {
        type: 'host-local',
        dataDir: nodePaths.hostLocal,
        ranges: [[{ subnet: addresses.podCidr }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};
