// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { endingWithParent, type Command } from '../../process/command.ts';
import { logOf, type Layout } from './layout.ts';
import { detachLine, eventDescriptor, type SupervisorEvent } from './protocol.ts';

/** A supervisor that was started, seen by its owner. */
export interface Launch {
  /** Ends the supervisor and with it every process of the cluster; resolves when all of them are gone. */
  end(): Promise<void>;
  /** Lets the cluster outlive this process. */
  detach(): void;
  /** Resolves when the cluster has ended, for whatever reason. */
  readonly ended: Promise<void>;
}

/**
 * Starts a cluster's supervisor in namespaces of its own. Two ties make it end with its owner, each closing the moment that the other leaves
 * open: the kernel's parent-death signal, which a process has to ask for after it was born, and the end of a pipe, which is noticed once
 * the supervisor runs.
 */
export function launch(
  layout: Layout,
  catatonit: string,
  lifetime: 'owned' | 'detachable',
  onEvent: (event: SupervisorEvent) => void,
): Launch {
  const command = lifetime === 'owned' ? endingWithParent(supervisorCommand(layout, catatonit)) : supervisorCommand(layout, catatonit);
  const log = openSync(logOf(layout, 'supervisor'), 'a');
  // A session of its own: Ctrl-C reaches the owner alone, which first gathers evidence.
  const child = spawn(command.file, command.args, { stdio: ['pipe', log, log, 'pipe'], detached: true });
  closeSync(log);
  let init: number | undefined;
  createInterface({ input: child.stdio[eventDescriptor] as Readable }).on('line', (line) => {
    const event = JSON.parse(line) as SupervisorEvent;
    if (event.type === 'namespaces') init = event.init;
    onEvent(event);
  });
  const input = child.stdin as Writable;
  input.on('error', () => undefined); // It ended before it could be told to: its end is what was wanted.
  const ended = endOf(child);
  return {
    ended,
    detach() {
      input.end(`${detachLine}\n`);
      child.unref();
      (child.stdio[eventDescriptor] as Readable).destroy();
    },
    async end() {
      input.destroy();
      // PID 1 and not its parent, whose end would not wait for the others: a namespace is gone when its PID 1 has been reaped.
      if (init !== undefined && child.exitCode === null && child.signalCode === null) killIfThere(init);
      await ended;
    },
  };
}

function supervisorCommand(layout: Layout, catatonit: string): Command {
  const supervisor = fileURLToPath(new URL('supervisor.ts', import.meta.url));
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child=SIGKILL', '--propagation', 'private'];
  const node = [process.execPath, '--experimental-strip-types', '--disable-warning=ExperimentalWarning'];
  return { file: 'unshare', args: [...namespaces, '--', catatonit, '--', ...node, supervisor, layout.plan] };
}

/** `close`, not `exit`: it also waits for the pipe, which the supervisor may hold for a moment longer than its parent lives. */
function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}
