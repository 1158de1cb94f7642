// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import { asGauntletError, GauntletError } from '../errors.ts';
import type { ThreadCommand, ThreadMessage } from './generator-thread.ts';
import type { GeneratorSettings, Sending, Sent } from './streams.ts';

/** Requests at a constant rate, whatever comes back (open loop), from a thread of their own. */
export interface Generator extends AsyncDisposable {
  /** Returns once the condition holds for what has ended so far; asked each time that something did. */
  until(condition: (ended: readonly Sending[]) => boolean, signal: AbortSignal): Promise<void>;
  /** What has ended so far and was not taken, in the order of ending. */
  readonly ended: readonly Sending[];
  /** Takes what has ended so far: it is in no later answer, nor in what {@link stop} says. For those who send for hours. */
  take(): readonly Sending[];
  /** From now on this share of the rate that was asked for: 0.25 is one in four. */
  pace(share: number): void;
  /** From now on everything goes over connections that were opened after this; returns once nothing is under way on older ones. */
  renew(): Promise<void>;
  /** Sends nothing more, waits for what is under way, and says everything. */
  stop(): Promise<Sent>;
}

/** Threads that have nothing to do. A thread whose code has run for a while needs two thirds of what a new one needs for the same requests. */
const idle: Worker[] = [];

function newThread(): Worker {
  const thread = new Worker(new URL('generator-thread.ts', import.meta.url));
  // One that dies while nobody uses it is no use to anybody later, and no reason to end the process.
  const forget = (): void => {
    if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
  };
  return thread.on('error', forget).on('exit', forget);
}

/** Starts sending. */
export function startGenerator(settings: GeneratorSettings): Generator {
  const thread = idle.pop() ?? newThread();
  thread.ref();
  const ended: Sending[] = [];
  const listeners = new Set<() => void>();
  const stopped = Promise.withResolvers<Sent>();
  stopped.promise.catch(() => undefined);
  let isIdle = false;
  let renewed = Promise.withResolvers<undefined>();
  const tell = (command: ThreadCommand): void => thread.postMessage(command);
  const hear = (message: ThreadMessage): void => {
    if (message.type === 'stopped') {
      stopped.resolve({ ...message.sent, sendings: ended.toSorted((a, b) => a.number - b.number) });
      isIdle = true;
    } else if (message.type === 'renewed') renewed.resolve(undefined);
    else ended.push(...message.sendings);
    for (const listener of listeners) listener();
  };
  const fail = (cause: unknown): void =>
    stopped.reject(
      new GauntletError('GAUNTLET_INTERNAL', 'The generator of requests died', { hint: 'This is a defect of Gauntlet.', cause }),
    );
  thread.on('message', hear).on('error', fail).on('exit', fail);
  tell({ type: 'start', settings });

  return {
    ended,
    take: () => ended.splice(0),
    until: (condition, signal) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (condition(ended)) done(resolve);
        };
        const giveUp = (): void => done(() => reject(signal.reason as Error));
        const done = (settle: () => void): void => {
          listeners.delete(look);
          signal.removeEventListener('abort', giveUp);
          settle();
        };
        if (signal.aborted) {
          giveUp();
          return;
        }
        signal.addEventListener('abort', giveUp, { once: true });
        listeners.add(look);
        stopped.promise.catch((error: unknown) => done(() => reject(asGauntletError(error))));
        look();
      }),
    pace: (share) => tell({ type: 'pace', share }),
    renew: async () => {
      renewed = Promise.withResolvers();
      tell({ type: 'renew' });
      await Promise.race([renewed.promise, stopped.promise]);
    },
    stop: () => {
      tell({ type: 'stop' });
      return stopped.promise;
    },
    [Symbol.asyncDispose]: async () => {
      thread.off('message', hear).off('error', fail).off('exit', fail);
      if (!isIdle) {
        await thread.terminate();
        return;
      }
      // Nobody waits for it when everything else is over.
      thread.unref();
      idle.push(thread);
    },
  };
}
