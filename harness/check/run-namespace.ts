// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
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

/** The namespace of an execution: readable, no longer than a label may be with room for a prefix, and met by no other execution of any run. */
export function executionNamespace(runId: string, execution: string): string {
  const readable = execution
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/-+$/, '');
  return `${readable}-${createHash('sha256').update(`${runId} ${execution}`).digest('hex').slice(0, 8)}`;
}
