// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Cluster } from '../../cluster/provider.ts';
import { asGauntletError, GauntletError } from '../../errors.ts';
import type { RunEvent } from '../../run/events.ts';
import { repositoryRoot } from '../paths.ts';
import type { Job } from './job.ts';

const entry = join(repositoryRoot, 'harness', 'cli', 'worker', 'main.ts');

/** Last lines of the worker's output kept for an error message. */
const keptLines = 20;

/**
 * Runs a job in a worker process inside the cluster's network and passes on its events. Resolves when the worker has done all that the job says,
 * also when the worker reported a harness error as an event.
 *
 * @throws GauntletError `GAUNTLET_INTERNAL` when the worker ended without saying that it was done, `GAUNTLET_INTERRUPTED` when `signal` ended it, and what `onEvent` throws.
 */
export async function runWorker(cluster: Cluster, job: Job, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<void> {
  const jobFile = join(job.directory, 'job.json');
  await writeFile(jobFile, JSON.stringify(job, undefined, 2));
  const command = cluster.network({
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', entry, jobFile],
  });
  const child = spawn(command.file, command.args, {
    cwd: repositoryRoot,
    env: { ...process.env, ...command.env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });

  const log = createWriteStream(join(job.directory, 'worker.log'));
  const lastLines: string[] = [];
  const keep = (stream: Readable): void => {
    createInterface({ input: stream }).on('line', (line) => {
      log.write(`${line}\n`);
      lastLines.push(line);
      if (lastLines.length > keptLines) lastLines.shift();
    });
  };
  keep(child.stdout as Readable);
  keep(child.stderr as Readable);

  const heard: { done: boolean; failure?: GauntletError } = { done: false };
  const events = createInterface({ input: child.stdio[3] as Readable });
  events.on('line', (line) => {
    if (heard.failure !== undefined) return;
    try {
      const message = JSON.parse(line) as RunEvent | { readonly type: 'worker-done' };
      if (message.type === 'worker-done') heard.done = true;
      else onEvent(message);
    } catch (error) {
      // What cannot be recorded (a full disk) must not be worked on: nobody would ever know of it.
      heard.failure = asGauntletError(error);
      stop();
    }
  });
  const eventsClosed = once(events, 'close');

  const status = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => resolve(killedBy ? `signal ${killedBy}` : `exit code ${code ?? 'unknown'}`));
  });
  await eventsClosed;
  log.end();
  signal.removeEventListener('abort', stop);
  if (heard.failure !== undefined) throw heard.failure;
  if (signal.aborted) {
    throw new GauntletError('GAUNTLET_INTERRUPTED', 'The run was interrupted', {
      hint: 'What was measured until then is in the report; run `gauntlet run --last-failed` or the same command again for the rest.',
      cause: signal.reason,
    });
  }
  if (!heard.done) {
    throw new GauntletError(
      'GAUNTLET_INTERNAL',
      `The worker that executes the checks ended early with ${status}:\n${lastLines.join('\n')}`,
      {
        hint: 'Its whole output is in worker.log in the folder of the run; what was measured before is in the report.',
      },
    );
  }
}
