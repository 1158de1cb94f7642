// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { asGauntletError, type GauntletError } from '../../errors.ts';
import { Clusters } from '../../cluster/clusters.ts';
import type { Cluster } from '../../cluster/provider.ts';
import type { PlannedCheck, RunStarted } from '../../run/events.ts';
import { assertProxy } from '../../target/lacking-parts.ts';
import { resolveBuild, resolveCandidate, type Candidate, type ResolvedTarget } from '../../target/resolve-build.ts';
import type { ProxyBuild } from '../../target/target.ts';
import { runOutcome } from '../../run/run-verdict.ts';
import { checkCharts, type InstallTools } from '../../target/helm.ts';
import type { ResolvedTool, ToolName } from '../../toolchain/tool.ts';
import { Toolchain } from '../../toolchain/toolchain.ts';
import { assertConsistent, budgetsOf, type SessionOptions } from '../options.ts';
import { checkoutCommit, packageVersion } from '../package-version.ts';
import { cacheDirectory, runsDirectory } from '../paths.ts';
import { reportError } from '../report-error.ts';
import { acquireCluster, chooseSource, type ClusterSource } from './acquire-cluster.ts';
import { buildImages, sessionImages } from './build-images.ts';
import type { ChecksJob, ConformanceJob, Job } from './job.ts';
import { describeMachine } from './machine.ts';
import { copyEvidence, type EarlierRun } from './earlier-run.ts';
import { Recorder } from './recorder.ts';
import { secondLook } from './second-look.ts';
import { newRunId } from './run-id.ts';
import { runWorker } from './worker-process.ts';
import { openOutput } from './output.ts';
import { prepareTools } from '../tool-progress.ts';
import { toolsOfSession } from './session-tools.ts';

/** What a session is for. */
export interface SessionRequest {
  readonly kind: RunStarted['kind'];
  readonly options: SessionOptions;
  readonly plan: readonly PlannedCheck[];
  readonly jobs: number;
  readonly seed: number;
  readonly work: Omit<ChecksJob, 'peersImage'> | ConformanceJob;
  /** A run that ended early, and that this one goes on with. */
  readonly earlier?: EarlierRun;
  /** A build of the proxies that is compared with the target's. */
  readonly candidate?: ProxyBuild;
}

/**
 * A whole session: cluster, gateway, work, reports. What is wrong with the input is thrown before anything starts; everything later becomes part of the
 * run's document, and what was measured before it stays.
 *
 * @returns the exit code.
 * @throws GauntletError for bad input: `GAUNTLET_USAGE`, `GAUNTLET_UNKNOWN_TARGET`, `GAUNTLET_WRONG_ARCHITECTURE`, `GAUNTLET_BINARY_BROKEN`, ...
 */
export async function executeSession(request: SessionRequest): Promise<number> {
  const { options } = request;
  assertConsistent(options);
  const released = findTarget(options.target);
  // Checks say one by one what they need; everything else is nothing without proxies.
  if (request.kind !== 'run' && request.kind !== 'prove') assertProxy(released, buildOf(options), `gauntlet ${request.kind}`);
  await using toolchain = Toolchain.open({ cacheDirectory: cacheDirectory(), given: options.tool, architecture: options.arch });
  const { target, helmSet } = await resolveBuild(released, buildOf(options), {
    architecture: options.arch,
    cacheDirectory: cacheDirectory(),
  });
  const candidate =
    request.candidate &&
    (await resolveCandidate(released, request.candidate, { architecture: options.arch, cacheDirectory: cacheDirectory() }));

  const clusters = new Clusters({ toolchain, cacheDirectory: cacheDirectory() });
  const source = await chooseSource(clusters, options);
  const runId = newRunId();
  const directory = join(runsDirectory(), runId);
  using output = openOutput(directory);
  using recorder = new Recorder(directory, (event) => output.show(event));
  using interruption = abortOnSignals();
  const startedAt = Date.now();
  recorder.emit({
    type: 'run-started',
    runId,
    kind: request.kind,
    command: process.argv.slice(2).join(' '),
    gauntlet: gauntletVersion(),
    target: { name: target.name, version: target.version, title: target.title, gatewayClass: target.gatewayClass },
    architecture: options.arch,
    seed: request.seed,
    jobs: request.jobs,
    budgets: Object.fromEntries(Object.entries(budgetsOf(options.budget)).map(([name, { ms }]) => [name, ms])),
    plan: request.plan,
  });
  if (request.earlier !== undefined) {
    copyEvidence(request.earlier, directory);
    for (const event of request.earlier.events) recorder.record(event);
  }
  recorder.emit({ type: 'environment', sections: { machine: describeMachine() } });
  let remains: string | undefined;
  let failure: GauntletError | undefined;
  try {
    remains = await work(request, {
      runId,
      target,
      candidate,
      helmSet,
      toolchain,
      clusters,
      source,
      recorder,
      signal: interruption.signal,
    });
  } catch (error) {
    failure = asGauntletError(error);
  }
  if (failure !== undefined && options.verbose) reportError(failure, process.stderr, { verbose: true });
  const exitCode = end(recorder, failure, Date.now() - startedAt);
  await output.finish(recorder.document);
  if (remains !== undefined) process.stdout.write(`${remains}\n`);
  return exitCode;
}

/** Says how the run ended. Where not even that can be written, the journal ends before it, and the reason goes to the terminal. */
function end(recorder: Recorder, failure: GauntletError | undefined, durationMs: number): number {
  try {
    if (failure !== undefined) recorder.fail(failure);
    const { verdict, exitCode } = runOutcome(recorder.document);
    recorder.emit({ type: 'run-ended', verdict, exitCode, durationMs });
    return exitCode;
  } catch (error) {
    const unwritable = failure ?? asGauntletError(error);
    reportError(unwritable, process.stderr, { verbose: false });
    return unwritable.exitCode;
  }
}

interface SessionContext {
  readonly runId: string;
  readonly target: ResolvedTarget;
  readonly candidate: Candidate | undefined;
  readonly helmSet: readonly string[];
  readonly toolchain: Toolchain;
  readonly clusters: Clusters;
  readonly source: ClusterSource;
  readonly recorder: Recorder;
  readonly signal: AbortSignal;
}

/** Does the work and ends the cluster; returns how to reach and remove a cluster that stays. */
async function work(request: SessionRequest, context: SessionContext): Promise<string | undefined> {
  const { options } = request;
  const { runId, target, candidate, helmSet, toolchain, clusters, source, recorder, signal } = context;

  const { images: own, peersImage } = await sessionImages(request.kind, options.with);
  const definitions = [...target.definitions, ...(candidate?.definitions ?? []), ...own];
  const tools = await recorder.phase('tools', 'Tools', (tell) =>
    prepareTools(toolchain, toolsOfSession(target, definitions, request.kind), tell, { signal }),
  );
  const installTools: InstallTools = {
    helm: fileOf(tools, 'helm'),
    kubectl: fileOf(tools, 'kubectl'),
    toolDirectories: Object.fromEntries(tools.map(({ name, directory }) => [name, directory])),
  };
  // What Helm refuses shows before a cluster is started for it.
  if (helmSet.length > 0) await checkCharts(target, helmSet, installTools, signal);
  recorder.emit({
    type: 'environment',
    sections: { tools: Object.fromEntries(tools.map(({ name, version, origin, digest }) => [name, `${version} (${origin}) ${digest}`])) },
  });

  const built = await recorder.phase('images', 'Images', () =>
    buildImages(definitions, { toolchain, architectures: [options.arch], signal }),
  );
  const images = [...target.archives, ...(candidate?.archives ?? []), ...built];
  recorder.emit({
    type: 'environment',
    sections: {
      images: Object.fromEntries(images.map(({ reference, digest }) => [reference, digest])),
      given: { ...target.given, ...candidate?.given },
    },
  });
  const acquired = await recorder.phase('cluster', 'Cluster', (tell) =>
    acquireCluster({ runId, directory: recorder.directory, images, clusters, source, options, signal }, tell),
  );
  try {
    const { cluster } = acquired;
    const job: Job = {
      runId,
      directory: recorder.directory,
      kubeconfig: cluster.kubeconfig,
      clusterLogs: cluster.logDirectory,
      target: `${target.name}@${target.version}`,
      architecture: options.arch,
      helmSet,
      tools: installTools,
      budgets: budgetsOf(options.budget),
      seed: request.seed,
      keep: options.keep,
      work:
        request.work.kind === 'checks'
          ? { ...request.work, peersImage, ...(candidate && { candidateImage: candidate.reference }) }
          : request.work,
    };
    const execute = async (one: Job): Promise<void> => {
      await Promise.race([runWorker(cluster, one, (event) => recorder.record(event), signal), cluster.failed]);
    };
    await execute(job);
    const again = request.kind === 'lifecycle' && job.work.kind === 'checks' ? secondLook(recorder.document, job.work) : undefined;
    if (again !== undefined) await execute({ ...job, work: again });
    await describeCluster(cluster, recorder);
  } catch (error) {
    const remains = await recorder.phase('clean-up', 'Clean-up', () => acquired.release());
    if (remains !== undefined) process.stderr.write(`${remains}\n`);
    throw error;
  }
  return recorder.phase('clean-up', 'Clean-up', () => acquired.release());
}

async function describeCluster(cluster: Cluster, recorder: Recorder): Promise<void> {
  const { details, nodes, ...facts } = await cluster.describe();
  recorder.emit({ type: 'environment', sections: { cluster: { ...facts, nodes: String(nodes), ...details } } });
}

function fileOf(tools: readonly ResolvedTool[], name: ToolName): string {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined) throw new Error(`${name} is not among the tools of the session`);
  return tool.file();
}

function buildOf(options: SessionOptions) {
  return {
    helmSet: options.helmSet,
    ...(options.controllerBin === undefined ? {} : { controllerBinary: options.controllerBin }),
    ...(options.controllerImage === undefined ? {} : { controllerImage: options.controllerImage }),
    ...(options.proxyBin === undefined ? {} : { proxyBinary: options.proxyBin }),
    ...(options.proxyImage === undefined ? {} : { proxyImage: options.proxyImage }),
  };
}

function gauntletVersion(): RunStarted['gauntlet'] {
  const commit = checkoutCommit();
  return { version: packageVersion(), ...(commit === undefined ? {} : { commit }) };
}

/** Aborts at the first interrupt, so that the run ends in order; a second one ends the process at once. */
function abortOnSignals(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const abort = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(4);
    controller.abort(new Error(`received ${name}`));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, abort);
    },
  };
}
