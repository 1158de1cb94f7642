// SPDX-License-Identifier: Apache-2.0
import type { Resource, ResourceReference } from '../kube/kube.ts';

/** Label on everything that a run makes in a cluster, with the run's id. */
export const runLabel = 'gauntlet.dev/run';

/** A namespace of a run; with `check`, of one execution of it. */
export function runNamespace(name: string, runId: string, check?: string): Resource {
  const labels = { [runLabel]: runId, ...(check === undefined ? {} : { 'gauntlet.dev/check': check }) };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** Names a namespace. */
export const namespaceReference = (name: string): ResourceReference => ({ apiVersion: 'v1', kind: 'Namespace', name });
