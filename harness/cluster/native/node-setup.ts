// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { addresses } from './addresses.ts';
import type { Layout } from './layout.ts';

/**
 * Turns fresh namespaces into a node: what is mounted here is seen by this cluster alone. One shell does all of it, because every process
 * started by itself would cost more than its work.
 *
 * @throws Error with the output of the command that failed.
 */
export async function setUpNode(layout: Layout): Promise<void> {
  await promisify(execFile)('sh', ['-euc', setUpScript(layout)]);
}

/** The commands of {@link setUpNode}. */
export function setUpScript(layout: Layout): string {
  return `
mount -t tmpfs -o mode=755 tmpfs /run
mount -t proc proc /proc
${kernelSettings.map(showSetting).join('\n')}
# Paths that no option of kubelet or CNI moves.
mkdir -p /var/lib/cni /var/log/containers /var/lib/kubelet /var/log/pods
mount -t tmpfs tmpfs /var/lib/cni
mount -t tmpfs tmpfs /var/log/containers
mount --bind ${quoted(layout.kubelet)} /var/lib/kubelet
mount --bind ${quoted(layout.podLogs)} /var/log/pods
# Both ends of the pair stay here: it is a wire that keeps the node's address up without leading anywhere.
ip -batch - <<'LINKS'
link set lo up
link add node0 type veth peer name node1
address add ${addresses.node}/${addresses.nodePrefix} dev node0
link set node1 up
link set node0 up
route add default dev node0
LINKS
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
${forgetUnanswered}
`;
}

/**
 * Settings of the kernel that the kubelet insists on. They belong to the machine and would outlive the cluster, so the kubelet is shown a file
 * with the value that it wants in place of each; nothing that runs here depends on them.
 */
const kernelSettings = [
  ['vm/overcommit_memory', 1],
  ['vm/panic_on_oom', 0],
  ['kernel/panic', 10],
  ['kernel/panic_on_oops', 1],
  ['kernel/keys/root_maxkeys', 1_000_000],
  ['kernel/keys/root_maxbytes', 25_000_000],
] as const;

/**
 * A connection to a proxy that is gone is forgotten after seconds and not after two minutes: until then whoever gets its port is led to where that proxy
 * was, and of some hundred connections a second a tenth does. Set in this network namespace alone; a kernel that tracks no connections has no such file.
 */
const forgetUnanswered = `
if [ -e /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent ]; then
  echo 5 > /proc/sys/net/netfilter/nf_conntrack_tcp_timeout_syn_sent
fi`;

function showSetting([setting, value]: (typeof kernelSettings)[number]): string {
  const shown = `/run/${setting.replaceAll('/', '-')}`;
  return `echo ${value} > ${shown} && mount --bind ${shown} /proc/sys/${setting}`;
}

const quoted = (path: string): string => `'${path.replaceAll("'", `'\\''`)}'`;
