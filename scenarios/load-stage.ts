// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { conditionsOf } from '../harness/check/conditions.ts';
import type { CheckContext } from '../harness/check/check.ts';
import { GauntletError } from '../harness/errors.ts';
import type { Resource } from '../harness/kube/kube.ts';
import { isEnding } from '../harness/target/controller-state.ts';
import { podGroup, type PodGroup } from '../harness/machine/pod-group.ts';
import type { ProbeEndpoint } from '../harness/probe/exchange.ts';
import { referenceTo } from '../fixtures/core/reference.ts';
import type { OfGateway, Proxies } from '../fixtures/proxies.ts';
import { loadBackendPort } from '../mocks/load-backend/envoy-configuration.ts';
import { loadBackend, type LoadBackendOptions } from '../mocks/load-backend/pod.ts';

/** A backend for load, running. */
export interface LoadBackend {
  /** Its Service, for routes. */
  readonly name: string;
  readonly port: number;
  /** Its pod, without any gateway before it. */
  readonly endpoint: ProbeEndpoint;
  readonly group: PodGroup;
}

/** Starts a backend for load, with a Service of this name. */
export async function startBackend(
  { apply, kube, namespace, budgets }: CheckContext,
  name: string,
  options?: LoadBackendOptions,
): Promise<LoadBackend> {
  const [pod, service] = loadBackend(name, options);
  await apply(pod, service);
  const isReady = (seen: Resource | undefined): boolean =>
    conditionsOf(seen ?? pod).some(({ of, type, status }) => of === '' && type === 'Ready' && status === 'True');
  const ready = await kube.waitFor(referenceTo(pod, namespace), 'to be ready', isReady, budgets.peer);
  const { podIP = '' } = (ready?.['status'] ?? {}) as { readonly podIP?: string };
  return {
    name,
    port: loadBackendPort,
    endpoint: { address: podIP, port: loadBackendPort },
    group: await podGroup(ready?.metadata.uid ?? ''),
  };
}

/**
 * What the kernel knows of the proxy of a Gateway that has one.
 *
 * @throws GauntletError `GAUNTLET_API` if it has none.
 */
export async function groupOfProxy(proxies: Proxies, gateway: OfGateway): Promise<PodGroup> {
  // One that still drains does not serve what is measured.
  const [pod] = (await proxies.pods(gateway)).filter((one) => !isEnding(one));
  if (pod?.metadata.uid !== undefined) return podGroup(pod.metadata.uid);
  throw new GauntletError('GAUNTLET_API', `Gateway ${gateway.namespace}/${gateway.name} has no proxy pod`, {
    hint: 'Look at its Deployment in the evidence.',
  });
}

/** What the kernel knows of the pod that all peers of this run are in. */
export async function groupOfPeers({ kube, session }: Pick<CheckContext, 'kube' | 'session'>): Promise<PodGroup> {
  const [peers] = await kube.list(
    { apiVersion: 'v1', kind: 'Pod' },
    { labelSelector: `gauntlet.dev/run=${session.runId},app.kubernetes.io/name=gauntlet-peers` },
  );
  return podGroup(peers?.metadata.uid ?? '');
}

/** Who runs where, so that what a driver needs is not taken from the proxy: the proxy has a processor of its own, driver and backend share the others. */
export function processorsOfStage(all: number = availableParallelism()): { readonly proxy: string; readonly others: string } {
  return { proxy: String(all - 1), others: all > 2 ? `0-${all - 2}` : '0' };
}
