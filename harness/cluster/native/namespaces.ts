// SPDX-License-Identifier: Apache-2.0
import { endingWithParent, type CommandWrapper } from '../../process/command.ts';

/** Runs a command on a cluster's network, with the files and processes of the machine. It ends with the process that started it. */
export const onNetworkOf =
  (init: number): CommandWrapper =>
  (command) =>
    endingWithParent(entering(init, ['--net'])(command));

/** Runs a command in a cluster's mounts, where its `/run` and so its sockets are. It ends with the process that started it. */
export const inMountsOf =
  (init: number): CommandWrapper =>
  (command) =>
    endingWithParent(entering(init, ['--mount'])(command));

/** Runs a command on a cluster's node: its network, mounts and processes. It ends with the cluster at the latest. */
export const onNodeOf =
  (init: number): CommandWrapper =>
  (command) =>
    endingWithParent(entering(init, ['--net', '--mount', '--pid'])(command));

/** Not `ip netns exec`: that mounts its own `/sys`, which hides the cgroups. */
const entering =
  (init: number, namespaces: readonly string[]): CommandWrapper =>
  (command) => ({ ...command, file: 'nsenter', args: ['--target', String(init), ...namespaces, '--', command.file, ...command.args] });
