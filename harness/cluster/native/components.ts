// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { addresses, apiServerUrl, clusterDomain, nodeName } from './addresses.ts';
import { configFiles } from './component-config.ts';
import { kubeconfigOf, nodePaths, type Layout } from './layout.ts';
import { pkiFiles } from './pki-files.ts';
import type { SupervisorPlan } from './protocol.ts';

/** How it is known that a component works: its own HTTP(S) endpoint answers 200, or its socket accepts. */
export type Readiness = { readonly url: string } | { readonly socket: string };

/** One process of the node, as data. All of them may be started again at any time: what they must remember is in etcd or on disk. */
export interface ComponentSpec {
  readonly name: ComponentName;
  readonly file: string;
  readonly args: readonly string[];
  /** Beside the supervisor's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Started once these are ready. */
  readonly after: readonly ComponentName[];
  /** Started for the first time once this answers too. */
  readonly once?: Readiness;
  readonly readiness: Readiness;
}

/** Names of all components, also of their logs. */
export type ComponentName =
  'etcd' | 'containerd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler' | 'kube-proxy' | 'kubelet' | 'coredns';

const etcdUrl = 'http://127.0.0.1:2379';

/** The components of one cluster, in the order in which they are started. */
export function components(plan: SupervisorPlan, layout: Layout): readonly ComponentSpec[] {
  const config = configFiles(layout);
  const { tools } = plan;
  return [
    {
      name: 'etcd',
      file: tools.etcd,
      args: [
        `--data-dir=${nodePaths.etcd}`,
        `--listen-client-urls=${etcdUrl}`,
        `--advertise-client-urls=${etcdUrl}`,
        '--listen-peer-urls=http://127.0.0.1:2380',
        // The data is on a tmpfs and ends with the cluster: there is nothing that fsync could save.
        '--unsafe-no-fsync',
        // Alone it elects itself: the shorter the better.
        '--heartbeat-interval=10',
        '--election-timeout=100',
        '--log-level=warn',
      ],
      after: [],
      readiness: { url: `${etcdUrl}/health` },
    },
    {
      name: 'containerd',
      file: tools.containerd,
      args: ['--config', config.containerd],
      after: [],
      readiness: { socket: nodePaths.containerdSocket },
    },
    {
      name: 'kube-apiserver',
      file: tools.kubeApiserver,
      args: apiServerArgs(layout),
      // Collecting garbage was a third of its processor time, which gateways and generators want; up to the limit, memory is cheaper.
      env: { GOGC: '400', GOMEMLIMIT: '1GiB' },
      after: ['etcd'],
      readiness: { url: `${apiServerUrl}/api/v1/nodes` },
    },
    {
      name: 'kubelet',
      file: tools.kubelet,
      args: [
        `--config=${config.kubelet}`,
        `--kubeconfig=${kubeconfigOf(layout, 'kubelet')}`,
        `--hostname-override=${nodeName}`,
        `--node-ip=${addresses.node}`,
      ],
      after: ['containerd', 'kube-apiserver'],
      // Registered, not merely alive: kube-proxy looks for its node once a second, and would lose one by looking too early.
      readiness: { url: `${apiServerUrl}/api/v1/nodes/${nodeName}` },
    },
    {
      name: 'kube-controller-manager',
      file: tools.kubeControllerManager,
      args: [
        ...loopbackServing(layout, 'kube-controller-manager'),
        `--service-account-private-key-file=${join(layout.pki, pkiFiles.serviceAccountsKey)}`,
        `--root-ca-file=${join(layout.pki, pkiFiles.ca)}`,
        `--cluster-signing-cert-file=${join(layout.pki, pkiFiles.ca)}`,
        `--cluster-signing-key-file=${join(layout.pki, pkiFiles.caKey)}`,
        '--kube-api-qps=200',
        '--kube-api-burst=400',
      ],
      after: ['kube-apiserver'],
      // It asks for this once a second, and the API server is not healthy before it has seeded its roles, a second after it answers.
      once: { url: `${apiServerUrl}/healthz` },
      readiness: { url: 'https://127.0.0.1:10257/healthz' },
    },
    {
      name: 'kube-scheduler',
      file: tools.kubeScheduler,
      args: [...loopbackServing(layout, 'kube-scheduler'), '--kube-api-qps=200', '--kube-api-burst=400'],
      after: ['kube-apiserver'],
      readiness: { url: 'https://127.0.0.1:10259/healthz' },
    },
    {
      name: 'kube-proxy',
      file: tools.kubeProxy,
      args: [`--config=${config.kubeProxy}`],
      after: ['kubelet'],
      readiness: { url: 'http://127.0.0.1:10256/livez' },
    },
    {
      name: 'coredns',
      file: tools.coredns,
      args: ['-conf', config.coredns],
      after: ['kube-apiserver'],
      readiness: { url: 'http://127.0.0.1:8181/ready' },
    },
  ];
}

function apiServerArgs(layout: Layout): readonly string[] {
  const pki = (file: string): string => join(layout.pki, file);
  return [
    `--etcd-servers=${etcdUrl}`,
    '--secure-port=6443',
    `--advertise-address=${addresses.node}`,
    `--service-cluster-ip-range=${addresses.serviceCidr}`,
    `--tls-cert-file=${pki(pkiFiles.server)}`,
    `--tls-private-key-file=${pki(pkiFiles.serverKey)}`,
    `--client-ca-file=${pki(pkiFiles.ca)}`,
    `--service-account-issuer=https://kubernetes.default.svc.${clusterDomain}`,
    `--service-account-key-file=${pki(pkiFiles.serviceAccounts)}`,
    `--service-account-signing-key-file=${pki(pkiFiles.serviceAccountsKey)}`,
    '--authorization-mode=RBAC',
    // The node would be born with a taint that only a later pass of the controller-manager removes: a second in which no pod is placed.
    '--disable-admission-plugins=TaintNodesByCondition',
    `--kubelet-certificate-authority=${pki(pkiFiles.ca)}`,
    `--kubelet-client-certificate=${pki(pkiFiles.kubeletClient)}`,
    `--kubelet-client-key=${pki(pkiFiles.kubeletClientKey)}`,
    // The node's name resolves nowhere: without this `logs` and `exec` fail.
    '--kubelet-preferred-address-types=InternalIP',
    '--allow-privileged=true',
  ];
}

/** Options that scheduler and controller-manager share: one replica, no leader election, no look-ups of who asks for their health. */
function loopbackServing(layout: Layout, component: ComponentName): readonly string[] {
  return [
    `--kubeconfig=${kubeconfigOf(layout, component)}`,
    '--bind-address=127.0.0.1',
    `--tls-cert-file=${join(layout.pki, pkiFiles.server)}`,
    `--tls-private-key-file=${join(layout.pki, pkiFiles.serverKey)}`,
    '--authentication-skip-lookup=true',
    '--leader-elect=false',
  ];
}
