// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../harness/errors.ts';
import type { CheckContext } from '../../harness/check/check.ts';
import type { PodGroup } from '../../harness/machine/pod-group.ts';
import type { LoadBackend } from '../load-stage.ts';

/** The backend that falls sick. */
export interface Patient {
  readonly backend: LoadBackend;
  /** Makes it anew, where it is gone. */
  readonly start: () => Promise<unknown>;
}

/** How a backend can be sick. */
export interface Sickness {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** As the end of a sentence: `that is killed`. */
  readonly title: string;
  /** Whether the cluster would find out too, and tell the gateway. */
  readonly isSeenByCluster: boolean;
  readonly strike: (context: CheckContext, patient: Patient) => Promise<void>;
  readonly heal: (context: CheckContext, patient: Patient) => Promise<void>;
}

/** Scenario 8 of the performance anchors. */
export const sicknesses: readonly Sickness[] = [
  {
    id: 'killed',
    title: 'that is killed',
    isSeenByCluster: true,
    strike: async ({ kube, namespace }, { backend: { name } }) => {
      await kube.remove({ apiVersion: 'v1', kind: 'Pod', name, namespace }, { graceSeconds: 0 });
    },
    heal: async (_, { start }) => {
      await start();
    },
  },
  {
    id: 'hanging',
    title: 'that takes connections and never answers',
    isSeenByCluster: false,
    strike: async ({ defer }, { backend: { group } }) => {
      defer(() => signalled(group, 'SIGCONT'));
      await signalled(group, 'SIGSTOP');
    },
    heal: (_, { backend: { group } }) => signalled(group, 'SIGCONT'),
  },
];

/** @throws GauntletError `GAUNTLET_MACHINE` if the pod has no process here. */
async function signalled(group: PodGroup, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const processes = await group.processes();
  if (processes.length === 0) {
    throw new GauntletError('GAUNTLET_MACHINE', 'The backend has no process on this machine that could be stopped', {
      hint: 'Processes are only seen where they run: use the native cluster.',
    });
  }
  for (const id of processes) process.kill(id, signal);
}
