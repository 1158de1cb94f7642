// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { finished } from 'node:stream/promises';
import { GauntletError, isErrno } from '../errors.ts';
import type { Kube, Resource } from '../kube/kube.ts';
import { describeState } from '../kube/wait.ts';
import type { Command } from '../process/command.ts';
import type { ConformanceEnded, RunEvent } from '../run/events.ts';
import type { Target } from '../target/target.ts';
import { minutes, seconds } from '../units.ts';
import { findSuite } from './catalogue.ts';
import { parseReport } from './report.ts';
import { select, type SuiteRequest } from './selection.ts';
import { describeSelection, suiteCommand } from './suite-command.ts';
import { SuiteOutput } from './suite-output.ts';

/** What {@link runConformance} is made with. */
export interface ConformanceOptions extends SuiteRequest {
  /** Version of the suite: `v1.4.1`. */
  readonly apiVersion: string;
  readonly target: Target;
  readonly kube: Kube;
  /** Path of the kubeconfig that the suite is given; this process must be in the cluster's network. */
  readonly kubeconfig: string;
  /** The run's folder: the report and the whole output go to `conformance/` in it. */
  readonly directory: string;
  /** Folders of tools by name, the suite's among them. */
  readonly toolDirectories: Readonly<Record<string, string>>;
  readonly emit: (event: RunEvent) => void;
  /** Told of progress: `test 12 of 63: HTTPRouteWeight`. */
  readonly tell: (message: string, done?: number, total?: number) => void;
  /** Ends the suite. */
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch; the machine's clock by default. */
  readonly clock?: () => number;
}

/** The suite needs three to four minutes; a gateway that fails every test lets it wait out its own budgets for most of an hour. */
const timeout = minutes(90);
const classBudget = seconds(60);
const leftoverBudget = minutes(3);

/**
 * Runs the upstream suite, unmodified, as a child process, and emits an event for each of its tests and one for its report, which is kept byte for
 * byte. Failed tests are results, not errors.
 *
 * @throws GauntletError `GAUNTLET_SUITE` when the suite ends without a report or fails outside of its tests, with its last lines;
 * `GAUNTLET_USAGE` and `GAUNTLET_NOT_IMPLEMENTED` for what it does not have; `GAUNTLET_TIMEOUT` when the GatewayClass is not accepted;
 * `GAUNTLET_INTERRUPTED`.
 */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceEnded> {
  const { target, emit, tell, signal, clock = Date.now } = options;
  const suite = findSuite(options.apiVersion);
  const selection = select(suite.catalogue, await publishedFeatures(options), options);
  tell(describeSelection(selection, target.gatewayClass, timeout), 0, selection.tests.length);

  await leftoversGone(options.kube);

  const folder = join(options.directory, 'conformance');
  await mkdir(folder, { recursive: true });
  const report = join(folder, 'report.yaml');
  const binary = join(options.toolDirectories[suite.tool] ?? '', suite.binary);
  const command = suiteCommand({ binary, kubeconfig: options.kubeconfig, target, report, timeout }, selection);

  const counted = new Set(selection.tests);
  let done = 0;
  const output = new SuiteOutput(
    {
      started: (name) => {
        if (counted.has(name)) tell(`test ${done + 1} of ${counted.size}: ${name}`, done, counted.size);
      },
      ended: (test) => {
        if (counted.has(test.name)) done += 1;
        emit({ type: 'conformance-test', at: clock(), ...test });
      },
    },
    clock,
  );
  const startedAt = clock();
  const end = await execute(command, join(folder, 'suite.log'), output, signal);
  const durationMs = clock() - startedAt;
  if (signal?.aborted === true)
    throw new GauntletError('GAUNTLET_INTERRUPTED', 'The upstream suite was interrupted', { hint: 'Run the same command again.' });

  const written = await readFile(report).catch((error: unknown) => {
    throw isErrno(error) && error.code === 'ENOENT' ? suiteFailed(`ended with ${end} and wrote no report`, output) : error;
  });
  const { gatewayAPIVersion, profiles, provisional } = parseReport(written.toString());
  const ended: ConformanceEnded = {
    type: 'conformance-ended',
    at: clock(),
    apiVersion: gatewayAPIVersion,
    report: relative(options.directory, report),
    reportSha256: createHash('sha256').update(written).digest('hex'),
    durationMs,
    features: selection.features,
    profiles,
    provisional,
  };
  emit(ended);
  const hasFailures = profiles.some(({ core, extended }) => core.failed + (extended?.failed ?? 0) > 0);
  if (end !== 'exit code 0' && !hasFailures) throw suiteFailed(`ended with ${end} although its report has no failed test`, output);
  return ended;
}

async function publishedFeatures({ kube, target }: ConformanceOptions): Promise<string[]> {
  const reference = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', name: target.gatewayClass };
  const isAccepted = (resource: Resource | undefined): boolean => describeState(resource).includes('Accepted=True');
  const found = await kube.waitFor(reference, 'to be accepted', isAccepted, classBudget);
  const status = found?.['status'] as { readonly supportedFeatures?: readonly { readonly name: string }[] } | undefined;
  return (status?.supportedFeatures ?? []).map(({ name }) => name);
}

/** The suite does not wait for the namespaces that it deletes in the end, and cannot start while those of an earlier run are still going. */
async function leftoversGone(kube: Kube): Promise<void> {
  const namespaces = await kube.list({ apiVersion: 'v1', kind: 'Namespace' });
  const going = namespaces.filter(
    ({ metadata }) => metadata.name.startsWith('gateway-conformance-') && metadata.deletionTimestamp !== undefined,
  );
  await Promise.all(
    going.map(({ metadata: { name } }) => kube.remove({ apiVersion: 'v1', kind: 'Namespace', name }, { wait: leftoverBudget })),
  );
}

/** Runs the suite to its end; returns how it ended. Its whole output goes to the log file. */
async function execute(command: Command, logFile: string, output: SuiteOutput, signal: AbortSignal | undefined): Promise<string> {
  const log = createWriteStream(logFile);
  // What goes wrong with it is thrown when it is closed.
  log.on('error', () => undefined);
  const child = spawn(command.file, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const interrupt = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', interrupt);
  if (signal?.aborted === true) interrupt();
  try {
    return await follow(child, log, output);
  } catch (error) {
    throw new GauntletError('GAUNTLET_SUITE', `The upstream suite cannot be started: ${command.file}`, {
      hint: 'Prepare it with: gauntlet tools prepare.',
      cause: error,
    });
  } finally {
    signal?.removeEventListener('abort', interrupt);
    log.end();
    await finished(log);
  }
}

async function follow(child: ChildProcess, log: WriteStream, output: SuiteOutput): Promise<string> {
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      output.write(name, chunk);
    });
  }
  const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null];
  output.end();
  return killedBy === null ? `exit code ${code}` : `signal ${killedBy}`;
}

function suiteFailed(how: string, output: SuiteOutput): GauntletError {
  return new GauntletError('GAUNTLET_SUITE', `The upstream suite ${how}. Its last lines:\n${output.lastLines(25).join('\n')}`, {
    hint: 'The whole output is in conformance/suite.log in the run folder.',
  });
}
