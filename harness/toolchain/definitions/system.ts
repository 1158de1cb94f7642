// SPDX-License-Identifier: Apache-2.0
import { hostArchitecture } from '../../platform.ts';
import { milliseconds } from '../../units.ts';
import type { ToolDefinition } from '../tool.ts';
import { defineTool } from './define-tool.ts';

interface SystemTool<Name extends string> {
  readonly name: Name;
  readonly title: string;
  readonly purpose: string;
  /** Debian package, a line of `os-packages.txt`. */
  readonly package: string;
  readonly commands: readonly [string, ...string[]];
  /** Folders that the commands lie in. */
  readonly folders?: readonly string[];
}

const commandFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Something that the operating system brings; used as it is installed, and only for this machine's architecture. */
function systemTool<const Name extends string>(tool: SystemTool<Name>): ToolDefinition<Name> {
  const folders = tool.folders ?? commandFolders;
  return defineTool({
    name: tool.name,
    version: 'system',
    title: tool.title,
    purpose: tool.purpose,
    outputs: tool.commands,
    architectures: [hostArchitecture()],
    expected: milliseconds(0),
    sources: [
      {
        kind: 'os',
        package: tool.package,
        candidates: Object.fromEntries(tool.commands.map((command) => [command, folders.map((folder) => `${folder}/${command}`)])),
      },
    ],
  });
}

/** Container runtime of a native cluster. */
export const containerd = systemTool({
  name: 'containerd',
  title: 'containerd',
  purpose: 'Container runtime of the native cluster',
  package: 'containerd',
  commands: ['containerd', 'ctr', 'containerd-shim-runc-v2'],
});

/** Starts containers for containerd. */
export const runc = systemTool({
  name: 'runc',
  title: 'runc',
  purpose: 'Starts the containers of the native cluster',
  package: 'runc',
  commands: ['runc'],
});

/** Pod network of a native cluster. */
export const cniPlugins = systemTool({
  name: 'cni-plugins',
  title: 'CNI plugins',
  purpose: 'Pod network of the native cluster',
  package: 'containernetworking-plugins',
  commands: ['bridge', 'host-local', 'loopback', 'portmap'],
  folders: ['/usr/lib/cni', '/opt/cni/bin'],
});

/** Rules of kube-proxy. */
export const iptables = systemTool({
  name: 'iptables',
  title: 'iptables',
  purpose: 'Service rules that kube-proxy writes',
  package: 'iptables',
  commands: ['iptables', 'iptables-save', 'iptables-restore'],
});

/** Links and addresses of a native cluster. */
export const iproute2 = systemTool({
  name: 'iproute2',
  title: 'iproute2',
  purpose: 'Links and addresses of the native cluster',
  package: 'iproute2',
  commands: ['ip'],
});

/** Namespaces, locks, and children that end with their parent. */
export const utilLinux = systemTool({
  name: 'util-linux',
  title: 'util-linux',
  purpose: 'Namespaces of the native cluster, locks of the cache',
  package: 'util-linux',
  commands: ['unshare', 'nsenter', 'setpriv', 'flock'],
});

/** Load over HTTP/1.1. */
export const wrk = systemTool({
  name: 'wrk',
  title: 'wrk',
  purpose: 'As much load as it takes, over HTTP/1.1',
  package: 'wrk',
  commands: ['wrk'],
});

/** The number that others measure handshakes with. */
export const openssl = systemTool({
  name: 'openssl',
  title: 'OpenSSL',
  purpose: 'TLS handshakes, to hold measured ones against',
  package: 'openssl',
  commands: ['openssl'],
});

/** Load with client certificates, of TLS handshakes, and over WebSocket. */
export const python = systemTool({
  name: 'python',
  title: 'Python',
  purpose: 'Runs the load that no generator here makes: client certificates, TLS handshakes, WebSocket',
  package: 'python3',
  commands: ['python3'],
});

/** Load over HTTP/2. */
export const h2load = systemTool({
  name: 'h2load',
  title: 'h2load',
  purpose: 'As much load as it takes, over HTTP/2',
  package: 'nghttp2-client',
  commands: ['h2load'],
});
