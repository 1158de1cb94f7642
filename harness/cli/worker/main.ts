// SPDX-License-Identifier: Apache-2.0
// The worker: runs inside the cluster's network, installs the gateway under test, and does the work that the job says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { releaseInstallation } from '../../check/check.ts';
import { runWithVitest } from '../../check/vitest/run-with-vitest.ts';
import { runConformance } from '../../conformance/run-conformance.ts';
import { asGauntletError } from '../../errors.ts';
import { createKube } from '../../kube/client.ts';
import { installTarget } from '../../target/install-target.ts';
import { repositoryRoot } from '../paths.ts';
import type { ChecksJob, ConformanceJob, Job } from '../session/job.ts';
import { emit, emitDone } from './emit.ts';
import { mostExecutions, partsOf } from './parts.ts';
import { phase } from './phase.ts';

const [jobFile = ''] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const interruption = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => interruption.abort(new Error(`received ${name}`)));
const { signal } = interruption;

try {
  const { work } = job;
  if (work.kind === 'checks') await runChecks(work);
  else await install(releaseInstallation);
  if (work.kind === 'conformance') await runSuite(work);
} catch (error) {
  const { code, message, hint, stack, cause } = asGauntletError(error);
  process.stderr.write(`${stack ?? message}\n${cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n` : ''}`);
  // Who interrupted knows it, and says so itself.
  if (!signal.aborted) emit({ type: 'harness-failed', at: Date.now(), code, message, hint });
}
emitDone();
process.exit();

/** Brings the gateway to an installation, whatever it was before. */
async function install(name: string): Promise<AsyncDisposable> {
  await using kube = createKube({ kubeconfig: job.kubeconfig, signal });
  const target = findTarget(job.target);
  const { kubeconfig, tools } = job;
  const installation = target.installations[name];
  const helmSet = [...(installation?.helmSet ?? []), ...job.helmSet];
  const resources = (await installation?.resources?.()) ?? [];
  const title = installation === undefined ? target.title : `${target.title}: ${installation.title}`;
  const facts = await phase('install', title, (onProgress) =>
    installTarget({ target, helmSet, resources, kube, kubeconfig, tools, onProgress, signal }),
  );
  if (name === releaseInstallation) emit({ type: 'environment', at: Date.now(), sections: { target: facts } });
  return {
    [Symbol.asyncDispose]: async () => {
      await using after = createKube({ kubeconfig });
      for (const resource of resources) await after.remove(referenceTo(resource, resource.metadata.namespace ?? ''));
    },
  };
}

/** The checks of one installation after those of another; of all together, no more may fail than the user allows. */
async function runChecks(work: ChecksJob): Promise<void> {
  const executed = work.plan.filter(({ executions }) => executions.length > 0);
  const installations = new Set(executed.length === 0 ? [releaseInstallation] : executed.map(({ installation }) => installation));
  let left = work.bail;
  for (const installation of installations) {
    await using stack = new AsyncDisposableStack();
    stack.use(await install(installation));
    // Cells announce nothing, and what they share is as much for a hundred of them as for all.
    const most = work.registry === 'lifecycle' ? Infinity : mostExecutions;
    const parts = partsOf(
      executed.filter((check) => check.installation === installation),
      most,
    );
    for (const [part, plan] of parts.entries()) {
      const failures = await runPart({ ...work, plan, installation, part, ...(left === undefined ? {} : { bail: left }) });
      if (left !== undefined) left -= failures;
      if (left !== undefined && left <= 0) return;
      signal.throwIfAborted();
    }
  }
}

function runPart(work: ChecksJob): Promise<number> {
  const title = work.prove ? 'Checks under their sabotages' : 'Checks';
  return phase('checks', work.again === true ? `${title}, for which the machine was too busy, ${work.jobs} at once` : title, () =>
    runWithVitest({
      entry: join(import.meta.dirname, 'checks.entry.ts'),
      root: repositoryRoot,
      jobs: work.jobs,
      provide: { job: { ...job, work } },
      signal,
      ...(work.bail === undefined ? {} : { bail: work.bail }),
    }),
  );
}

async function runSuite(work: ConformanceJob): Promise<void> {
  const { kubeconfig, directory } = job;
  const { toolDirectories } = job.tools;
  await using kube = createKube({ kubeconfig, signal });
  await phase('conformance', `Upstream suite ${work.apiVersion}`, (tell) =>
    runConformance({ ...work, target: findTarget(job.target), kube, kubeconfig, directory, toolDirectories, emit, tell, signal }),
  );
}
