// SPDX-License-Identifier: Apache-2.0
import { GauntletError, asGauntletError } from '../errors.ts';
import type { CheckEnded, Failure, PlannedExecution } from '../run/events.ts';
import { formatDuration } from '../units.ts';
import { untilAborted } from './abort.ts';
import { startBudget } from './check-budget.ts';
import { isExpired } from './baseline.ts';
import type { Check } from './check.ts';
import { currentDenials } from './denials.ts';
import type { EngineOptions } from './engine.ts';
import { EvidenceFolder } from './evidence/evidence-folder.ts';
import { gatherEvidence } from './evidence/gather.ts';
import { reproducer } from './evidence/reproducer.ts';
import { Mismatch } from './expect.ts';
import { CheckDefect, ExpectationFailed, type Attempt } from './expectations.ts';
import { NotApplicable } from './not-applicable.ts';
import { broken, judgeProof, judgeRun, type Ending, type Outcome } from './outcome.ts';
import { namespaceReference } from './run-namespace.ts';
import { isWired, setScene, type Scene } from './scene.ts';

/** Name of the expectation that fails when a denied request reaches a backend after all; a sabotage may break it. */
export const lateArrivalExpectation = 'denied requests stay away from the backend';

/** One execution to be done. */
export interface ExecutionOptions {
  readonly engine: EngineOptions;
  readonly check: Check;
  readonly planned: PlannedExecution;
  readonly signal: AbortSignal;
  /** Milliseconds that the expectations took to hold without a sabotage, where known. */
  readonly converged: Readonly<Record<string, number>>;
}

/** What the engine keeps of an execution. */
export interface Executed {
  readonly outcome: Outcome;
  readonly converged: Readonly<Record<string, number>>;
}

/** Executes a check once: fixtures, run, verdict, evidence, clean-up, in this order, each step told by events. */
export async function execute(options: ExecutionOptions): Promise<Executed> {
  const { engine, check, planned } = options;
  const { clock } = engine;
  const { execution } = planned;
  const startedAt = clock.now();
  const ended = new AbortController();
  const stage = { name: 'its fixtures' };
  const budget = startBudget(engine.budgets.check, { clock, signal: options.signal }, (spent) => checkTimeout(check, spent, stage.name));
  const scene: Scene = setScene({
    engine,
    check,
    planned,
    signal: budget.signal,
    waiting: budget.waiting,
    whileRunning: AbortSignal.any([budget.signal, ended.signal]),
    converged: options.converged,
    onAttempt: (attempt) => engine.emit({ type: 'attempt', at: clock.now(), execution, ...describeAttempt(attempt, scene) }),
  });
  engine.emit({ type: 'check-started', at: startedAt, check: check.id, execution, namespace: scene.namespace });

  const ending = await currentDenials.run(scene.denials, () => play(options, scene, budget.signal, stage));
  ended.abort(new CheckDefect('the check has ended'));
  budget.stop();
  const durationMs = clock.now() - startedAt;
  const outcome = judge(options, scene, ending);
  const failure = await report(options, scene, ending, outcome, startedAt);
  const { converged } = scene.expectations;
  engine.emit(checkEnded(options, scene, outcome, { at: clock.now(), durationMs, failure, converged }));
  await cleanUp(options, scene);
  return { outcome, converged };
}

/** From the fixtures to the end of the check's function. */
async function play({ engine, check }: ExecutionOptions, scene: Scene, signal: AbortSignal, stage: { name: string }): Promise<Ending> {
  try {
    await untilAborted(async () => {
      const fixtures: Record<string, unknown> = {};
      for (const name of check.requires) {
        stage.name = `fixture ${name}`;
        const factory = engine.fixtures[name];
        if (!factory) throw new CheckDefect(`it requires ${name}, and there is no such fixture`);
        signal.throwIfAborted();
        fixtures[name] = await factory(scene.context);
      }
      stage.name = 'run';
      await check.run(scene.context, fixtures);
      stage.name = 'the last look at the peers';
      rejectLooseEnds(scene);
      await rejectLateArrivals(scene);
    }, signal);
    return { kind: 'held' };
  } catch (error) {
    return endingOf(error, scene, signal);
  }
}

function endingOf(error: unknown, scene: Scene, signal: AbortSignal): Ending {
  if (error instanceof ExpectationFailed) return { kind: 'failed', failure: error };
  if (signal.aborted) return broken(interruption(signal.reason));
  if (error instanceof NotApplicable) return { kind: 'not-applicable', reason: error.message };
  if (error instanceof GauntletError || error instanceof CheckDefect) return broken(error);
  const { failure } = scene.expectations;
  if (failure) return { kind: 'failed', failure };
  if (error instanceof Mismatch) return broken(new CheckDefect(`a matcher was used outside of an expectation: ${error.message}`));
  return broken(error);
}

/** What a check must not leave behind: a failure it swallowed, an expectation it did not wait for, an attack it did not stop. */
function rejectLooseEnds({ expectations, probe }: Scene): void {
  if (expectations.failure) throw expectations.failure;
  if (expectations.pending.length > 0) throw new CheckDefect(`it ended without waiting for ${expectations.pending.join(', ')}`);
  if (expectations.names.size === 0) throw new CheckDefect('it expects nothing, so it cannot fail');
  if (probe.runningAttacks > 0) throw new CheckDefect('it ended without stopping its attack');
}

async function rejectLateArrivals({ denials }: Scene): Promise<void> {
  const late = await denials.late();
  const [first] = late;
  if (!first) return;
  const recorders = [...new Set(late.map((one) => one.recorder))].join(', ');
  const actual = `${late.length} arrived after the gateway had denied them`;
  const mismatch = new Mismatch(`0 denied requests at ${recorders}`, actual, first.exchange);
  throw new ExpectationFailed(lateArrivalExpectation, mismatch, [actual]);
}

function judge({ engine, check, planned }: ExecutionOptions, scene: Scene, ending: Ending): Outcome {
  if (planned.sabotage !== undefined) return judgeProof(check, planned, ending, isWired(scene, planned));
  const entry = engine.baseline.get(check.id);
  return judgeRun(check, ending, entry && { entry, expired: isExpired(entry, engine.clock.now()) });
}

/** Gathers evidence while everything still stands, unless there is nothing to explain or the run is being ended; returns the failure for its page. */
async function report(
  { engine, check, planned, signal }: ExecutionOptions,
  scene: Scene,
  ending: Ending,
  outcome: Outcome,
  startedAt: number,
): Promise<Failure | undefined> {
  if (outcome.verdict === 'pass' || outcome.verdict === 'not-applicable' || signal.aborted) return undefined;
  const folder = new EvidenceFolder(engine.directory, planned.execution, scene.redactor, (evidence) =>
    engine.emit({ type: 'evidence', at: engine.clock.now(), execution: planned.execution, ...evidence }),
  );
  try {
    const failing = ending.kind === 'failed' ? ending.failure.exchange : undefined;
    const notes = await gatherEvidence({ engine, scene, startedAt, folder, failing });
    if (ending.kind !== 'failed') return undefined;
    const { expectation, expected, actual, attempts, pattern } = ending.failure;
    const clean = (text: string): string => scene.redactor.redact(text);
    const reproduce = await reproducer({
      check,
      command: engine.command,
      scene,
      folder,
      exchange: failing ?? scene.probe.exchanges.at(-1),
    });
    return { expectation, expected: clean(expected), actual: clean(actual), attempts, pattern: clean(pattern), notes, reproduce };
  } catch (error) {
    tellOfFailure(engine, error);
    return undefined;
  }
}

async function cleanUp({ engine, signal }: ExecutionOptions, scene: Scene): Promise<void> {
  const { clock, budgets, kube } = engine;
  const done = new AbortController();
  const limit = new AbortController();
  const late = new GauntletError('GAUNTLET_TIMEOUT', `Cleaning up ${scene.namespace} took longer than ${formatDuration(budgets.peer)}`, {
    hint: 'What was left behind carries the label gauntlet.dev/run.',
  });
  clock.pause(budgets.peer, done.signal).then(
    () => limit.abort(late),
    () => undefined,
  );
  try {
    await untilAborted(async () => {
      await scene.probe[Symbol.asyncDispose]();
      if (engine.keep) return;
      const failures = [...(await scene.cleanUps.run())];
      await kube.remove(namespaceReference(scene.namespace)).catch((error: unknown) => failures.push(error));
      if (!signal.aborted) for (const failure of failures) tellOfFailure(engine, failure);
    }, limit.signal);
  } catch (error) {
    if (!signal.aborted) tellOfFailure(engine, error);
  } finally {
    done.abort();
  }
}

function checkEnded(
  { check, planned }: ExecutionOptions,
  scene: Scene,
  outcome: Outcome,
  rest: {
    readonly at: number;
    readonly durationMs: number;
    readonly failure: Failure | undefined;
    readonly converged: Readonly<Record<string, number>>;
  },
): CheckEnded {
  const { failure, ...times } = rest;
  const { reason, ...verdicts } = outcome;
  return {
    type: 'check-ended',
    check: check.id,
    execution: planned.execution,
    ...verdicts,
    ...times,
    ...(failure ? { failure } : {}),
    ...(reason === undefined ? {} : { reason: scene.redactor.redact(reason) }),
  };
}

function describeAttempt({ expectation, attempt, durationMs, mismatch }: Attempt, { redactor }: Scene) {
  const seen = mismatch && { expected: redactor.redact(mismatch.expected), actual: redactor.redact(mismatch.actual) };
  return { expectation, attempt, ok: mismatch === undefined, durationMs, ...seen };
}

const checkTimeout = (check: Check, budget: string, stage: string): GauntletError =>
  new GauntletError('GAUNTLET_TIMEOUT', `${check.id} took longer than ${budget}, its whole budget; it was at ${stage}.`, {
    hint: 'The attempts tell what took the time; --budget check=SECONDS gives it more.',
  });

/** Whoever ends the run may say why in words of its own; for a verdict it is an interruption. */
function interruption(reason: unknown): GauntletError {
  if (reason instanceof GauntletError) return reason;
  return new GauntletError('GAUNTLET_INTERRUPTED', 'The run was ended before the check was done.', {
    hint: 'Run it again.',
    cause: reason,
  });
}

function tellOfFailure(engine: EngineOptions, error: unknown): void {
  const { code, message, hint } = asGauntletError(error);
  engine.emit({ type: 'harness-failed', at: engine.clock.now(), code, message, hint });
}
