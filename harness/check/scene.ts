// SPDX-License-Identifier: Apache-2.0
import type { CellResult } from '../lifecycle/cell-result.ts';
import type { PlannedExecution } from '../run/events.ts';
import { AppliedResources } from './applied-resources.ts';
import { sabotagedBudget } from './budgets.ts';
import { subjectLeftOut, type Check, type CheckContext, type Session } from './check.ts';
import { CleanUps } from './clean-ups.ts';
import { Denials } from './denials.ts';
import type { EngineOptions } from './engine.ts';
import { Redactor } from './evidence/redactor.ts';
import { CheckDefect, createExpectations, type Attempt, type Expectations } from './expectations.ts';
import { withOwnNamespace } from './own-namespace.ts';
import { RecordedKube } from './recorded-kube.ts';
import { RecordedProbe } from './recorded-probe.ts';
import { executionNamespace, runNamespace } from './run-namespace.ts';

/** Something that the check itself put on record. */
export interface Attachment {
  readonly title: string;
  readonly content: string;
  readonly contentType: string;
}

/** Everything that one execution works with, and what the engine wants to know of it afterwards. */
export interface Scene {
  readonly namespace: string;
  readonly context: CheckContext;
  readonly expectations: Expectations;
  readonly applied: AppliedResources;
  readonly probe: RecordedProbe;
  readonly kube: RecordedKube;
  readonly denials: Denials;
  readonly cleanUps: CleanUps;
  readonly redactor: Redactor;
  readonly attachments: readonly Attachment[];
  /** Sabotages that the check asked about. */
  readonly asked: ReadonlySet<string>;
}

/** What a scene is set with. */
export interface SceneOptions {
  readonly engine: EngineOptions;
  readonly check: Check;
  readonly planned: PlannedExecution;
  /** For the check: aborted when the run is interrupted or the budget is used up. */
  readonly signal: AbortSignal;
  /** Does what does not count towards the check's time. */
  readonly waiting: <T>(work: () => Promise<T>) => Promise<T>;
  /** For expectations and applications: aborted also when the function of the check has ended. */
  readonly whileRunning: AbortSignal;
  /** Milliseconds that the expectations of the same check took to hold without a sabotage, where known. */
  readonly converged: Readonly<Record<string, number>>;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** Sets the scene of one execution. Nothing is sent or applied yet. */
export function setScene(options: SceneOptions): Scene {
  const { engine, check, planned, signal, whileRunning } = options;
  const namespace = executionNamespace(engine.runId, planned.execution);
  const sabotage = check.sabotages.find((one) => one.name === planned.sabotage);
  const gap = engine.baseline.get(check.id)?.expectation;
  const redactor = new Redactor();
  const cleanUps = new CleanUps();
  const attachments: Attachment[] = [];
  const asked = new Set<string>();
  const own = withOwnNamespace(engine.kube, runNamespace(namespace, engine.runId, check.id));
  const kube = new RecordedKube(own, () => engine.clock.now());
  const probe = new RecordedProbe(engine.createProbe, (exchange) => redactor.learnExchange(exchange));
  const expectations = createExpectations({
    budgets: engine.budgets,
    clock: engine.clock,
    random: engine.random,
    signal: whileRunning,
    onAttempt: options.onAttempt,
    betweenAttempts: () => probe.renewConnections(),
    // What is expected to fail uses its budget up: under a sabotage, and where the baseline knows of a gap.
    within: (name, stated) => (name === sabotage?.breaks || name === gap ? sabotagedBudget(stated, options.converged[name]) : stated),
  });
  const applied = new AppliedResources({
    kube: kube.client,
    runId: engine.runId,
    namespace,
    subjectLeftOut: planned.sabotage === subjectLeftOut,
    // What disturbs everyone must be gone when the next one starts.
    removesEach: check.serial,
    cleanUps,
    onResource: (resource) => {
      whileRunning.throwIfAborted();
      redactor.learnResource(resource);
    },
  });
  const context: CheckContext = {
    id: check.id,
    namespace,
    hostname: (label) => `${label === undefined ? '' : `${label}.`}${namespace}.test`,
    target: engine.target,
    tools: engine.tools,
    kube: kube.client,
    apply: applied.apply,
    expect: expectations.expect,
    probe: probe.client,
    budgets: engine.budgets,
    sabotaged: (name) => {
      if (!check.sabotages.some((one) => one.name === name))
        throw new CheckDefect(`run asks about sabotage ${name}, which the check does not declare`);
      asked.add(name);
      return planned.sabotage === name;
    },
    defer: (cleanUp) => cleanUps.defer(cleanUp),
    attach: (title, content, contentType = 'text/plain') => void attachments.push({ title, content, contentType }),
    tellCell: (address, result) => {
      const clean = JSON.parse(redactor.redact(JSON.stringify(result))) as CellResult;
      engine.emit({ type: 'cell-ended', at: engine.clock.now(), execution: planned.execution, address, result: clean });
    },
    tellWindow: (window) => engine.emit({ type: 'window-measured', at: engine.clock.now(), execution: planned.execution, window }),
    tellDecision: (decision) => engine.emit({ type: 'gate-decided', at: engine.clock.now(), execution: planned.execution, decision }),
    tellMeasured: (...measurements) =>
      engine.emit({ type: 'measured', at: engine.clock.now(), execution: planned.execution, measurements }),
    tellChart: (chart) => engine.emit({ type: 'charted', at: engine.clock.now(), execution: planned.execution, chart }),
    session: patient(engine.session, options.waiting),
    signal,
  };
  return { namespace, context, expectations, applied, probe, kube, denials: new Denials(), cleanUps, redactor, attachments, asked };
}

/** The session of one check: while others have the turn, the check's own time stands still. */
function patient(session: Session, waiting: SceneOptions['waiting']): Session {
  return {
    runId: session.runId,
    share: (key, create) => session.share(key, create),
    inTurn: async (key, work) => {
      const turn = Promise.withResolvers<undefined>();
      const done = session.inTurn(key, () => {
        turn.resolve(undefined);
        return work();
      });
      await waiting(() => turn.promise);
      return done;
    },
  };
}

/** Whether the sabotage of the execution had any way to take effect. */
export function isWired(scene: Scene, planned: PlannedExecution): boolean {
  if (planned.sabotage === undefined || scene.asked.has(planned.sabotage)) return true;
  return planned.sabotage === subjectLeftOut && scene.applied.subjectAsked;
}
