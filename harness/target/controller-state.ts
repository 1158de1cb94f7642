// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { Resource } from '../kube/kube.ts';

const condition = z.object({ type: z.string(), status: z.string(), reason: z.string().optional(), message: z.string().optional() });

const containerState = z.object({
  waiting: z.object({ reason: z.string().optional(), message: z.string().optional() }).optional(),
  running: z.object({}).optional(),
  terminated: z.object({ exitCode: z.number(), reason: z.string().optional() }).optional(),
});

const deploymentSchema = z.object({
  metadata: z.object({ generation: z.number().optional() }),
  spec: z.object({ replicas: z.number().default(1), selector: z.object({ matchLabels: z.record(z.string(), z.string()).default({}) }) }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      replicas: z.number().default(0),
      updatedReplicas: z.number().default(0),
      availableReplicas: z.number().default(0),
      conditions: z.array(condition).default([]),
    })
    .prefault({}),
});

const podSchema = z.object({
  metadata: z.object({ name: z.string() }),
  status: z
    .object({
      phase: z.string().optional(),
      containerStatuses: z
        .array(
          z.object({
            name: z.string(),
            image: z.string().default(''),
            imageID: z.string().default(''),
            restartCount: z.number(),
            state: containerState.default({}),
            lastState: containerState.default({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

const gatewayClassSchema = z.object({
  metadata: z.object({ generation: z.number().optional() }),
  status: z
    .object({
      conditions: z.array(condition.extend({ observedGeneration: z.number().optional() })).default([]),
      supportedFeatures: z.array(z.unknown()).default([]),
    })
    .prefault({}),
});

/** Reasons for which a container waits that no waiting will end. */
const hopeless = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Why a controller will not start. */
export interface ControllerFailure {
  readonly reason: string;
  /** The container whose log tells more, unless it never ran. */
  readonly container?: { readonly pod: string; readonly name: string };
}

/** Selector of a Deployment's pods, as the API takes it. */
export function podSelector(deployment: Resource): string {
  const { matchLabels } = deploymentSchema.parse(deployment).spec.selector;
  return Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Whether a Deployment runs what its specification says, in all replicas, and nothing of before. */
export function isAvailable(deployment: Resource): boolean {
  const { metadata, spec, status } = deploymentSchema.parse(deployment);
  const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
  return status.observedGeneration === metadata.generation && counts.every((count) => count === spec.replicas);
}

/** Whether a pod is on its way out, and may still act. */
export function isEnding(pod: Resource): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Whether a GatewayClass is accepted as it is now. */
export function isAccepted(gatewayClass: Resource): boolean {
  const { metadata, status } = gatewayClassSchema.parse(gatewayClass);
  return hasCondition(
    status.conditions.filter(({ observedGeneration }) => observedGeneration === metadata.generation),
    'Accepted',
  );
}

/** Number of features that a GatewayClass says it supports. */
export function countFeatures(gatewayClass: Resource): number {
  return gatewayClassSchema.parse(gatewayClass).status.supportedFeatures.length;
}

/** The image that the first container of a pod runs, with its digest. */
export function imageOf(pod: Resource): string {
  const [container] = podSchema.parse(pod).status.containerStatuses;
  return container === undefined ? 'unknown' : `${container.image} ${container.imageID}`.trim();
}

/** What keeps the controller from ever starting, if anything does. */
export function failureOf(deployment: Resource, pods: readonly Resource[]): ControllerFailure | undefined {
  const { conditions } = deploymentSchema.parse(deployment).status;
  const refused = conditions.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  if (refused !== undefined) return { reason: `its pods cannot be made: ${refused.message ?? refused.reason ?? ''}` };
  for (const pod of pods) {
    const { metadata, status } = podSchema.parse(pod);
    for (const { name, state, lastState, restartCount } of status.containerStatuses) {
      const { reason = '', message = '' } = state.waiting ?? {};
      if (!hopeless.has(reason)) continue;
      const ended = lastState.terminated;
      const exit = ended && `ended with status ${ended.exitCode} (${ended.reason ?? 'no reason'}), restarts: ${restartCount}`;
      return {
        reason: `container ${name} of pod ${metadata.name} is in ${reason}: ${exit ?? message}`,
        ...(ended && { container: { pod: metadata.name, name } }),
      };
    }
  }
  return undefined;
}

/** What was last seen, for the message of a wait that did not end well. */
export function describeState(deployment: Resource | undefined, pods: readonly Resource[], gatewayClass: Resource | undefined): string {
  const conditions = deployment === undefined ? 'not there' : describeConditions(deploymentSchema.parse(deployment).status.conditions);
  const phases = pods.map((pod) => podSchema.parse(pod)).map(({ metadata, status }) => `${metadata.name} ${status.phase ?? 'unknown'}`);
  const accepted = gatewayClass === undefined ? 'not there' : describeConditions(gatewayClassSchema.parse(gatewayClass).status.conditions);
  return `Deployment ${conditions}; pods ${phases.join(', ') || 'none'}; GatewayClass ${accepted}`;
}

function describeConditions(conditions: readonly z.infer<typeof condition>[]): string {
  return conditions.map(({ type, status, reason }) => `${type}=${status} (${reason ?? ''})`).join(', ') || 'without conditions';
}

function hasCondition(conditions: readonly z.infer<typeof condition>[], wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}
