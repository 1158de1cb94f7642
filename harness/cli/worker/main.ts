// SPDX-License-Identifier: Apache-2.0
// The worker: runs inside the cluster's network, installs the gateway under test, and does the work that the job says.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { runWithVitest } from '../../check/vitest/run-with-vitest.ts';
import { runConformance } from '../../conformance/run-conformance.ts';
import { asGauntletError } from '../../errors.ts';
import { createKube } from '../../kube/client.ts';
import { installTarget } from '../../target/install-target.ts';
import { repositoryRoot } from '../paths.ts';
import type { ChecksJob, ConformanceJob, Job } from '../session/job.ts';
import { emit, emitDone } from './emit.ts';
import { phase } from './phase.ts';

const [jobFile = ''] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, 'utf8')) as Job;
const interruption = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => interruption.abort(new Error(`received ${name}`)));
const { signal } = interruption;

try {
  await install();
  const { work } = job;
  if (work.kind === 'checks') await runChecks(work);
  if (work.kind === 'conformance') await runSuite(work);
} catch (error) {
  const { code, message, hint, stack, cause } = asGauntletError(error);
  process.stderr.write(`${stack ?? message}\n${cause instanceof Error ? `caused by ${cause.stack ?? cause.message}\n` : ''}`);
  // Who interrupted knows it, and says so itself.
  if (!signal.aborted) emit({ type: 'harness-failed', at: Date.now(), code, message, hint });
}
emitDone();
process.exit();

async function install(): Promise<void> {
  await using kube = createKube({ kubeconfig: job.kubeconfig, signal });
  const target = findTarget(job.target);
  const facts = await phase('install', target.title, (tell) =>
    installTarget({ target, helmSet: job.helmSet, kube, kubeconfig: job.kubeconfig, tools: job.tools, onProgress: tell, signal }),
  );
  emit({ type: 'environment', at: Date.now(), sections: { target: facts } });
}

async function runChecks(work: ChecksJob): Promise<void> {
  await phase('checks', work.prove ? 'Checks under their sabotages' : 'Checks', () =>
    runWithVitest({
      entry: join(import.meta.dirname, 'checks.entry.ts'),
      root: repositoryRoot,
      jobs: work.jobs,
      provide: { job },
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
