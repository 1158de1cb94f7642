// SPDX-License-Identifier: Apache-2.0

/** A program to run, as data: what, with what, where. */
export interface Command {
  /** Absolute path, or a name to look up in PATH. */
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment of the caller. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory; the caller's by default. */
  readonly cwd?: string;
}

/** Wraps a command so that it runs somewhere else: in another namespace, under another parent. */
export type CommandWrapper = (command: Command) => Command;

/**
 * The command under `setpriv --pdeathsig KILL`: the kernel ends it when the thread that started it dies, also by SIGKILL.
 * The signal survives `exec` but not `fork`, so whatever forks below must do the same.
 */
export const endingWithParent: CommandWrapper = (command) => ({
  ...command,
  file: 'setpriv',
  args: ['--pdeathsig', 'KILL', '--', command.file, ...command.args],
});
