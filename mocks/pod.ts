// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../harness/kube/kube.ts';
import { controlPort } from './control/protocol.ts';

/** Name of the peers' pod; one in the shared namespace of each run. */
export const podName = 'peers';

/**
 * The pod of all peers of a run. A bare pod and no Deployment: a restarted peer would have lost its instances and records, and a check that
 * went on with an empty record would take "forgotten" for "never came". So a peer that dies stays dead, with its log, and says so.
 */
export function peersPod(options: { readonly namespace: string; readonly runId: string; readonly image: string }): Resource {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName,
      namespace: options.namespace,
      labels: { 'app.kubernetes.io/name': 'gauntlet-peers', 'gauntlet.dev/run': options.runId },
    },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532 },
      containers: [
        {
          name: podName,
          image: options.image,
          imagePullPolicy: 'IfNotPresent',
          ports: [{ name: 'control', containerPort: controlPort }],
          resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '1Gi' } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** What matters of a pod's status. */
export interface PodState {
  /** Address of the pod once its container runs. */
  readonly address?: string;
  /** Why it will not come to run. */
  readonly failure?: string;
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly containerStatuses?: readonly {
    readonly state?: {
      readonly running?: object;
      readonly waiting?: { readonly reason?: string; readonly message?: string };
      readonly terminated?: { readonly exitCode?: number; readonly reason?: string };
    };
  }[];
}

/** Reasons for waiting that no further waiting cures, as the image is loaded before the pod is made. */
const hopelessReasons = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Reads a pod's status. */
export function podState(pod: Resource | undefined): PodState {
  const status = (pod?.['status'] ?? {}) as PodStatus;
  const state = status.containerStatuses?.[0]?.state;
  const waiting = state?.waiting;
  if (waiting?.reason !== undefined && hopelessReasons.has(waiting.reason)) {
    return { failure: `${waiting.reason}: ${waiting.message ?? 'no message'}` };
  }
  if (state?.terminated !== undefined) {
    return { failure: `it ended with exit code ${state.terminated.exitCode ?? 'unknown'} (${state.terminated.reason ?? 'no reason'})` };
  }
  if (status.phase === 'Failed' || status.phase === 'Succeeded') return { failure: `its phase is ${status.phase}` };
  return state?.running !== undefined && status.podIP !== undefined ? { address: status.podIP } : {};
}
