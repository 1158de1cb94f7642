// SPDX-License-Identifier: Apache-2.0
// The file that vitest runs: the one place where engine, suites, fixtures and peers meet.
import { inject } from 'vitest';
import { findTarget } from '../../../fixtures/targets/index.ts';
import { fixtures } from '../../../suites/define-check.ts';
import { features } from '../../../suites/features.ts';
import { cellFixtures } from '../../../suites/lifecycle/define-cell.ts';
import { cellChecks } from '../../../suites/lifecycle/table.ts';
import { scenarioFixtures } from '../../../scenarios/define-scenario.ts';
import { gateChecks, loadChecks } from '../../../scenarios/table.ts';
import { baselineFor, expandStars, readBaseline } from '../../check/baseline.ts';
import { releaseInstallation, type FixtureFactory, type RegisteredCheck } from '../../check/check.ts';
import { systemClock } from '../../check/clock.ts';
import { createEngine } from '../../check/engine.ts';
import { announce, removeAnnounced } from '../../check/announce.ts';
import { discoverChecks } from '../../check/registry.ts';
import { createSession } from '../../check/session.ts';
import { registerExecutions } from '../../check/vitest/register-executions.ts';
import { asGauntletError } from '../../errors.ts';
import { createKube } from '../../kube/client.ts';
import { createProbe } from '../../probe/client.ts';
import { seededRandom } from '../../run/seed.ts';
import { suitesDirectory } from '../paths.ts';
import { baselineFile, lifecycleBaselineFile, loadBaselineFile } from '../session/baseline-file.ts';
import type { ChecksJob, Job } from '../session/job.ts';
import { emit } from './emit.ts';

declare module 'vitest' {
  interface ProvidedContext {
    job: Job & { readonly work: ChecksJob };
  }
}

interface Registry {
  readonly checks: readonly RegisteredCheck[];
  readonly entries: Parameters<typeof baselineFor>[0];
  readonly factories: Readonly<Record<string, FixtureFactory>>;
}

const job = inject('job');
const { runId, directory, budgets, keep, work } = job;
const target = findTarget(job.target);
const kube = createKube({ kubeconfig: job.kubeconfig });
const { checks, entries, factories } = await registryOf(work);
await announce({ runId, kube, checks, plan: work.plan, fixtures: factories });
const label = [
  ...(work.installation === releaseInstallation ? [] : [work.installation]),
  ...(work.part === 0 ? [] : [`part-${work.part}`]),
  ...(work.again === true ? ['again'] : []),
].join('-');
const session = createSession({
  runId,
  peersImage: work.peersImage,
  kube,
  target,
  budgets,
  keep,
  ...(label === '' ? {} : { label }),
});

/** Where the checks come from, with what they get and what is known of them. */
async function registryOf({ registry, candidateImage }: ChecksJob): Promise<Registry> {
  switch (registry) {
    case 'suites':
      return {
        checks: await discoverChecks(suitesDirectory, features),
        entries: await readBaseline(baselineFile, 'suites/baseline.yaml'),
        factories: fixtures,
      };
    case 'lifecycle':
      return {
        checks: cellChecks(),
        entries: expandStars(await readBaseline(lifecycleBaselineFile, 'suites/lifecycle/baseline.yaml'), cellChecks()),
        factories: cellFixtures,
      };
    case 'bench': {
      const random = seededRandom(job.seed);
      return {
        checks: gateChecks({ random, ...(candidateImage === undefined ? {} : { candidateImage }) }),
        entries: [],
        factories: scenarioFixtures,
      };
    }
    case 'load':
      return { checks: loadChecks, entries: await readBaseline(loadBaselineFile, 'scenarios/baseline.yaml'), factories: scenarioFixtures };
  }
}

registerExecutions({
  engine: createEngine({
    runId,
    command: work.registry === 'suites' ? 'run' : work.registry,
    directory,
    target,
    tools: job.tools,
    kube,
    createProbe: (onExchange) => createProbe({ timeout: budgets.request, onExchange }),
    fixtures: factories,
    budgets,
    session,
    baseline: baselineFor(entries, target, checks),
    keep,
    clock: systemClock,
    random: seededRandom(job.seed),
    emit,
  }),
  checks,
  plan: work.plan,
  emit,
  end: async () => {
    for (const failure of await session.end()) {
      const { code, message, hint } = asGauntletError(failure);
      emit({ type: 'harness-failed', at: Date.now(), code, message, hint });
    }
    if (!keep) await removeAnnounced({ runId, kube });
    await kube[Symbol.asyncDispose]();
  },
});
