// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { ApiClient } from './api-client.ts';
import type { ComponentSpec } from './components.ts';
import { logOf, type Layout } from './layout.ts';
import { lastLines } from './log-tail.ts';
import type { SupervisorEvent } from './protocol.ts';
import { untilReady } from './readiness.ts';
import { restartDelay } from './restart-policy.ts';

/** What a component needs from the supervisor around it. */
export interface ComponentContext {
  readonly layout: Layout;
  /** For asking HTTPS endpoints whether they are ready; there once the cluster's keys are written. */
  readonly api: Promise<ApiClient>;
  readonly emit: (event: SupervisorEvent) => void;
  /** Milliseconds since the cluster was asked for. */
  readonly elapsedMs: () => number;
}

/** A component under supervision: started, watched, started again when it dies, given up when it dies too often. */
export class Component {
  readonly spec: ComponentSpec;
  readonly #context: ComponentContext;
  readonly #deaths: number[] = [];
  readonly #ready = Promise.withResolvers<undefined>();

  constructor(spec: ComponentSpec, context: ComponentContext) {
    this.spec = spec;
    this.#context = context;
  }

  /** Settles when the component answers for the first time. */
  get ready(): Promise<undefined> {
    return this.#ready.promise;
  }

  /** Starts the process. Its output goes straight into its log: nothing is lost when the supervisor is killed. */
  start(): void {
    const { name, file, args, env } = this.spec;
    const log = openSync(logOf(this.#context.layout, name), 'a');
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    this.#context.emit({ type: 'component-started', component: name, ...(child.pid === undefined ? {} : { pid: child.pid }) });
    const lifetime = new AbortController();
    void this.#untilReady(lifetime.signal);
    void statusOfEnd(child).then((status) => {
      lifetime.abort();
      return this.#died(status);
    });
  }

  async #untilReady(signal: AbortSignal): Promise<void> {
    const { api, emit, elapsedMs } = this.#context;
    try {
      await untilReady(this.spec.readiness, await api, signal);
    } catch {
      return; // It died first, which is told by its end.
    }
    emit({ type: 'component-ready', component: this.spec.name, afterMs: elapsedMs() });
    this.#ready.resolve(undefined);
  }

  async #died(status: string): Promise<void> {
    const { layout, emit, elapsedMs } = this.#context;
    const component = this.spec.name;
    this.#deaths.push(elapsedMs());
    const lines = await lastLines(logOf(layout, component));
    const delay = restartDelay(this.#deaths);
    emit({ type: 'component-died', component, status, lastLines: lines, restarting: delay !== undefined });
    if (delay === undefined) emit({ type: 'failed', component, status, lastLines: lines });
    else setTimeout(() => this.start(), delay.ms);
  }
}

/** How a process ended, in words: `exit status 1`, `killed by SIGKILL`, or why it could not be started. */
function statusOfEnd(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit status ${code ?? 'unknown'}` : `killed by ${signal}`));
  });
}
