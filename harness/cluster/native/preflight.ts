// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { GauntletError, messageOf } from '../../errors.ts';
import { formatBytes } from '../../units.ts';

/** Programs of the operating system that a native cluster needs, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  iptables: 'iptables',
  runc: 'runc',
  containerd: 'containerd',
  ctr: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
};

/** Where distributions put the CNI plugins. */
const cniFolders = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni'];
const cniPlugins = ['bridge', 'host-local', 'portmap', 'loopback'];

/** Free space that images, their unpacked layers and volumes take. */
const neededBytes = 2 * 1024 ** 3;

/** File-system types, from `statfs(2)`, on which the kernel cannot put the upper layer of an overlay. */
const overlayMagic = 0x794c7630;

/** What the machine is, as far as it decides whether a native cluster can run; injected so that every refusal is tested. */
export interface Machine {
  readonly platform: string;
  readonly uid: number | undefined;
  readonly path: string;
}

/** This machine. */
export const thisMachine = (): Machine => ({ platform: process.platform, uid: process.getuid?.(), path: process.env['PATH'] ?? '' });

/**
 * Looks whether a native cluster can run here; changes nothing.
 *
 * @throws GauntletError `GAUNTLET_UNSUPPORTED_PLATFORM`, `GAUNTLET_NO_ROOT`, `GAUNTLET_OS_PACKAGE_MISSING`.
 */
export async function checkMachine(machine: Machine): Promise<void> {
  if (machine.platform !== 'linux') {
    throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', `The native cluster runs on Linux, and this is ${machine.platform}`, {
      hint: 'Run Gauntlet in a Linux machine or container with root.',
    });
  }
  if (machine.uid !== 0) {
    throw new GauntletError(
      'GAUNTLET_NO_ROOT',
      `The native cluster makes namespaces and mounts, and user ${machine.uid ?? 'unknown'} is not root`,
      {
        hint: 'Run the same command as root, for example with sudo.',
      },
    );
  }
  await checkPackages(machine);
}

async function checkPackages(machine: Machine): Promise<void> {
  const found = await Promise.all(Object.keys(programs).map(async (name) => [name, await isOnPath(name, machine.path)] as const));
  const missing = found.filter(([, isThere]) => !isThere).map(([name]) => ({ what: name, from: programs[name] ?? name }));
  if ((await findCniPlugins()) === undefined) missing.push({ what: 'CNI plugins', from: 'containernetworking-plugins' });
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ from }) => from))].sort();
  throw new GauntletError(
    'GAUNTLET_OS_PACKAGE_MISSING',
    `The native cluster needs ${missing.map(({ what }) => what).join(', ')}, not found on this machine`,
    {
      hint: `Install the Debian packages, as ./gauntlet does when it may: apt-get install --no-install-recommends ${packages.join(' ')}`,
    },
  );
}

/** Folder with all CNI plugins that the cluster uses, or `undefined`. */
export async function findCniPlugins(): Promise<string | undefined> {
  for (const folder of cniFolders) {
    const found = await Promise.all(cniPlugins.map((plugin) => isExecutable(join(folder, plugin))));
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

/** Absolute path of a program in PATH, or `undefined`. */
export async function findProgram(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) if (await isExecutable(join(folder, name))) return resolve(folder, name);
  return undefined;
}

const isOnPath = async (name: string, path: string): Promise<boolean> => (await findProgram(name, path)) !== undefined;

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the cluster's folder and looks whether it can hold one.
 *
 * @throws GauntletError `GAUNTLET_USAGE`, `GAUNTLET_DISK_FULL`, `GAUNTLET_UNSUPPORTED_PLATFORM`.
 */
export async function checkDirectory(directory: string): Promise<void> {
  if (/^\/(run|proc|sys|dev)(\/|$)/.test(directory)) {
    throw new GauntletError('GAUNTLET_USAGE', `A cluster cannot keep its files in ${directory}: it has a file system of its own there`, {
      hint: 'Choose a folder elsewhere.',
    });
  }
  await mkdir(directory, { recursive: true });
  const { type, bavail, bsize } = await statfs(directory);
  if (bavail * bsize < neededBytes) {
    throw new GauntletError(
      'GAUNTLET_DISK_FULL',
      `${directory} has ${formatBytes(bavail * bsize)} left, and a cluster needs ${formatBytes(neededBytes)}`,
      {
        hint: 'Free some space (the cache is in ~/.cache/gauntlet, runs are in out/) and run the same command again.',
      },
    );
  }
  if (type === overlayMagic) {
    throw new GauntletError(
      'GAUNTLET_UNSUPPORTED_PLATFORM',
      `${directory} is on an overlay file system, which cannot hold the layers of images`,
      {
        hint: 'Choose a folder on a volume: in a container, mount one and run Gauntlet there.',
      },
    );
  }
}

/**
 * Loads the kernel modules that are not there yet, and looks whether namespaces may be made: in a container without privileges they may not.
 *
 * @throws GauntletError `GAUNTLET_UNSUPPORTED_PLATFORM`.
 */
export async function prepareKernel(): Promise<void> {
  const filesystems = await readFile('/proc/filesystems', 'utf8');
  if (!/\toverlay$/m.test(filesystems) && !(await hasModule('overlay'))) {
    throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', 'The kernel has no overlay file system, on which containers are built', {
      hint: 'Use a kernel with CONFIG_OVERLAY_FS, or load its module.',
    });
  }
  if (!(await exists('/proc/sys/net/bridge')) && !(await hasModule('br_netfilter'))) {
    throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', 'The kernel does not show bridged packets to iptables (br_netfilter)', {
      hint: 'Use a kernel with CONFIG_BRIDGE_NETFILTER, or load its module.',
    });
  }
  try {
    await promisify(execFile)('unshare', ['--net', '--mount', '--pid', '--fork', '--propagation', 'private', '--', 'true']);
  } catch (error) {
    throw new GauntletError('GAUNTLET_UNSUPPORTED_PLATFORM', `Namespaces cannot be made here: ${messageOf(error)}`, {
      hint: 'In a container, run it with --privileged.',
      cause: error,
    });
  }
}

async function hasModule(name: string): Promise<boolean> {
  return promisify(execFile)('modprobe', [name]).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
