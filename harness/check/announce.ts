// SPDX-License-Identifier: Apache-2.0
import type { PlannedCheck } from '../run/events.ts';
import type { Kube } from '../kube/kube.ts';
import type { Check, FixtureFactory } from './check.ts';
import { executionNamespace, namespaceReference, runLabel, runNamespace } from './run-namespace.ts';

/** What is announced, and where. */
export interface AnnounceOptions {
  readonly runId: string;
  readonly kube: Kube;
  readonly checks: readonly Check[];
  readonly plan: readonly PlannedCheck[];
  readonly fixtures: Readonly<Record<string, FixtureFactory>>;
}

/**
 * Makes what the fixtures of all executions announce, each in its namespace, before the first of them starts.
 *
 * @throws GauntletError `GAUNTLET_API`
 */
export async function announce({ runId, kube, checks, plan, fixtures }: AnnounceOptions): Promise<void> {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const executions = plan.flatMap(({ id, executions: planned }) => planned.map(({ execution }) => ({ check: byId.get(id), execution })));
  await Promise.all(
    executions.map(async ({ check, execution }) => {
      const namespace = executionNamespace(runId, execution);
      const announced = await Promise.all((check?.requires ?? []).map(async (name) => (await fixtures[name]?.announce?.(namespace)) ?? []));
      const resources = announced.flat();
      if (resources.length === 0) return;
      await kube.apply(runNamespace(namespace, runId, check?.id));
      await Promise.all(resources.map((resource) => kube.apply(resource)));
    }),
  );
}

/** Removes the namespaces of executions that never came, because the run was ended or had enough failures. */
export async function removeAnnounced({ runId, kube }: Pick<AnnounceOptions, 'runId' | 'kube'>): Promise<void> {
  const left = await kube.list({ apiVersion: 'v1', kind: 'Namespace' }, { labelSelector: `${runLabel}=${runId}` });
  await Promise.all(left.map(({ metadata }) => kube.remove(namespaceReference(metadata.name))));
}
