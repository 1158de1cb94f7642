// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CheckContext } from '../../harness/check/check.ts';
import type { PodGroup } from '../../harness/machine/pod-group.ts';

/** Takes so many bytes each second and keeps them, from the first word on its input on, and ends with it. */
const program = `
const kept = [];
process.stdin.once('data', () => setInterval(() => kept.push(Buffer.alloc(Number(process.argv[1]), 1)), 1000));
process.stdin.once('end', () => process.exit());
process.stdout.write('ready');
`;

/** Makes a pod leak: a process that takes memory and keeps it is one of the pod's from now on, until the check ends. */
export async function leakInto(group: PodGroup, bytesPerMinute: number, { defer }: Pick<CheckContext, 'defer'>): Promise<void> {
  const child = spawn(process.execPath, ['-e', program, String(Math.ceil(bytesPerMinute / 60))], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  defer(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  await once(child.stdout, 'data');
  await group.adopt(child.pid ?? 0);
  child.stdin.write('go');
}
