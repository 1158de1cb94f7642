// SPDX-License-Identifier: Apache-2.0
import { relative } from 'node:path';
import { createVitest, type Vitest } from 'vitest/node';
import { GauntletError } from '../../errors.ts';

/** How the runner is started. */
export interface VitestRun {
  /** Absolute path of the file that calls {@link registerExecutions}. */
  readonly entry: string;
  /** The folder that holds everything the entry imports. */
  readonly root: string;
  /** Executions at the same time. */
  readonly jobs: number;
  /** Stop after so many failures; never by default. */
  readonly bail?: number;
  /** Read by the entry with `inject`; JSON values. */
  readonly provide?: Readonly<Record<string, unknown>>;
  /** Ends the run early: every execution is told by its signal, and nothing new begins. */
  readonly signal: AbortSignal;
}

/**
 * Runs the executions that an entry file registers, in one thread of this process. What they come to is said by their events alone;
 * vitest writes nothing.
 *
 * @returns how many executions failed.
 * @throws GauntletError `GAUNTLET_INTERNAL` when the entry cannot be loaded, or something failed outside of every execution.
 */
export async function runWithVitest(options: VitestRun): Promise<number> {
  options.signal.throwIfAborted();
  const { exitCode } = process;
  const callers = signalListeners();
  const vitest = await createVitest(
    {
      config: false,
      root: options.root,
      include: [relative(options.root, options.entry)],
      watch: false,
      pool: 'threads',
      maxWorkers: 1,
      isolate: false,
      fileParallelism: false,
      maxConcurrency: options.jobs,
      bail: options.bail ?? 0,
      retry: 0,
      // The engine holds the budgets, with reasons; a second clock would only cut evidence and clean-up short.
      testTimeout: 0,
      hookTimeout: 0,
      reporters: [{}],
      disableConsoleIntercept: true,
      provide: { ...options.provide },
      execArgv: process.execArgv,
      // Node strips the types itself, so nothing needs to be transformed and the start is fast.
      experimental: { viteModuleRunner: false, nodeLoader: false },
    },
    { logLevel: 'silent', server: { middlewareMode: true, watch: null, ws: false } },
  );
  leaveSignalsTo(callers);
  const cancel = (): void => void vitest.cancelCurrentRun('keyboard-input');
  options.signal.addEventListener('abort', cancel, { once: true });
  try {
    await vitest.start([options.entry]);
    rejectStrayErrors(vitest);
    return vitest.state.getCountOfFailedTests();
  } finally {
    options.signal.removeEventListener('abort', cancel);
    await vitest.close();
    // To vitest a failed check is a failed test; here its event has said so, and the exit code is the caller's.
    process.exitCode = exitCode;
  }
}

const signals = ['SIGINT', 'SIGTERM'] as const;

const signalListeners = (): ReadonlySet<unknown> => new Set(signals.flatMap((name) => process.listeners(name)));

/** Vitest ends the process on these signals, before anything is cleaned up. Here the caller's own listeners decide, and they abort the run. */
function leaveSignalsTo(callers: ReadonlySet<unknown>): void {
  for (const name of signals) {
    for (const listener of process.listeners(name)) {
      if (!callers.has(listener)) process.off(name, listener);
    }
  }
}

function rejectStrayErrors({ state }: Vitest): void {
  const modules = state.getTestModules();
  const loading = modules.flatMap((module) => module.errors());
  const errors = [...loading, ...(state.getUnhandledErrors() as { readonly message: string; readonly stack?: string }[])];
  const [first] = errors;
  if (first) {
    throw new GauntletError('GAUNTLET_INTERNAL', `Something failed outside of every check: ${first.stack ?? first.message}`, {
      hint: `${errors.length} such ${errors.length === 1 ? 'error' : 'errors'}; verdicts that were given before stay valid.`,
      cause: first,
    });
  }
  if (modules.length === 0) {
    throw new GauntletError('GAUNTLET_INTERNAL', 'The runner found no checks to execute', {
      hint: 'This is a defect of Gauntlet: please report it.',
    });
  }
}
