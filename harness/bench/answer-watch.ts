// SPDX-License-Identifier: Apache-2.0
import http from 'node:http';
import { GauntletError, isErrno } from '../errors.ts';
import { isOfThisMachine } from '../lifecycle/streams.ts';
import type { ProbeEndpoint } from '../probe/exchange.ts';

/** What an answer says of the route that it came by. */
export interface RouteAnswer {
  /** Absent if no answer came. */
  readonly status?: number;
  /** What the answer says of itself; absent if it says nothing. */
  readonly version?: string;
  /** Why none came: an error code of the system, or of Node's. */
  readonly error?: string;
}

/**
 * What never left this machine says nothing of a gateway.
 *
 * @throws GauntletError `GAUNTLET_MACHINE` if there is such a question among these.
 */
export function assertAsked(answers: readonly RouteAnswer[]): void {
  const unsent = answers.filter(({ error }) => isOfThisMachine(error));
  if (unsent.length === 0) return;
  throw new GauntletError('GAUNTLET_MACHINE', `Of ${answers.length} questions ${unsent.length} never left: ${unsent[0]?.error ?? ''}`, {
    hint: 'The machine has too few descriptors or ports.',
  });
}

/** What is asked. */
export interface VersionQuestion {
  readonly endpoint: ProbeEndpoint;
  readonly host: string;
  readonly path: string;
  /** Field of the answer's header that tells the version. */
  readonly header: string;
  /** For one answer; 2 s by default. */
  readonly timeoutMs?: number;
}

/** Asks once, over a connection of the agent's, or one of its own. */
export function askVersion(
  { endpoint, host, path, header, timeoutMs = 2000 }: VersionQuestion,
  agent: http.Agent | false,
): Promise<RouteAnswer> {
  return new Promise((resolve) => {
    const request = http.get({
      agent,
      host: endpoint.address,
      port: endpoint.port,
      path,
      headers: { host },
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.once('response', (response) => {
      const version = response.headers[header];
      const { statusCode } = response;
      response.once('end', () => {
        if (agent === false) response.socket.destroy();
        resolve({ ...(statusCode === undefined ? {} : { status: statusCode }), ...(typeof version === 'string' ? { version } : {}) });
      });
      response.once('error', () => resolve({}));
      response.resume();
    });
    request.once('error', (error) => resolve({ error: (isErrno(error) ? error.code : undefined) ?? error.name }));
  });
}

/** One answer, or none, to the question which version of a route is served. Times are milliseconds of {@link performance.now}. */
export interface Answer extends RouteAnswer {
  readonly sentAt: number;
  readonly endedAt: number;
  /** Over a connection of its own. */
  readonly fresh: boolean;
}

/** Asks again and again, whatever comes back. */
export interface AnswerWatch {
  /** In the order in which they ended. */
  readonly answers: readonly Answer[];
  /** Returns once this holds; looked at after each answer. */
  until(holds: (answers: readonly Answer[]) => boolean, signal: AbortSignal): Promise<void>;
  /** Asks nothing more, and waits for what is under way. */
  stop(): Promise<void>;
}

/** What is asked, and how often. */
export interface WatchOptions extends VersionQuestion {
  /** Between two questions, in milliseconds; 0.6 by default, which makes one each millisecond at least. */
  readonly everyMs?: number;
  /** Each so many-th question goes over a connection of its own; 5 by default. */
  readonly freshEach?: number;
}

/**
 * Timers count in whole milliseconds, and a loop without any pause would take a processor from the gateway. So the thread sleeps for this between two
 * looks at the clock, and what it hears it hears so much later at most.
 */
const napMs = 0.15;
const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Beyond this a gateway that does not answer would take all descriptors. */
const mostUnderWay = 1024;

/** Starts asking. */
export function watchAnswers({ everyMs = 0.6, freshEach = 5, ...question }: WatchOptions): AnswerWatch {
  const kept = new http.Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const listeners = new Set<() => void>();
  let [isStopped, asked, underWay] = [false, 0, 0];
  const stopped = Promise.withResolvers<undefined>();
  let dueAt = performance.now();

  const ask = (): void => {
    asked += 1;
    underWay += 1;
    const fresh = asked % freshEach === 0;
    const sentAt = performance.now();
    const end = (came: RouteAnswer): void => {
      answers.push({ sentAt, endedAt: performance.now(), fresh, ...came });
      underWay -= 1;
      for (const listener of listeners) listener();
      if (isStopped && underWay === 0) stopped.resolve(undefined);
    };
    void askVersion(question, fresh ? false : kept).then(end);
  };
  const tick = (): void => {
    if (isStopped) return;
    // What is late is not made up for: the resolution says so.
    if (performance.now() >= dueAt) {
      dueAt = Math.max(dueAt + everyMs, performance.now());
      if (underWay < mostUnderWay) ask();
    }
    Atomics.wait(sleeper, 0, 0, napMs);
    setImmediate(tick);
  };
  tick();
  return {
    answers,
    until: (holds, signal) =>
      new Promise((resolve, reject) => {
        const done = (settle: () => void): void => {
          listeners.delete(look);
          signal.removeEventListener('abort', giveUp);
          settle();
        };
        const look = (): void => {
          if (holds(answers)) done(resolve);
        };
        const giveUp = (): void => done(() => reject(signal.reason as Error));
        listeners.add(look);
        signal.addEventListener('abort', giveUp, { once: true });
        if (signal.aborted) giveUp();
      }),
    stop: async () => {
      isStopped = true;
      if (underWay > 0) await stopped.promise;
      kept.destroy();
    },
  };
}
