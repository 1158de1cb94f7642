// SPDX-License-Identifier: Apache-2.0
import type { Resource } from '../../kube/kube.ts';
import type { Scene } from '../scene.ts';

/** A Gateway that a check had to do with. */
export interface GatewayUsed {
  readonly namespace: string;
  readonly name: string;
}

/** The Gateways that a check applied, attached a route to, or aimed a policy at; its own and shared ones. */
export function gatewaysUsed({ applied, namespace }: Pick<Scene, 'applied' | 'namespace'>): readonly GatewayUsed[] {
  const found = applied.resources.flatMap((resource) => [
    ...(resource.kind === 'Gateway' ? [{ namespace: resource.metadata.namespace ?? namespace, name: resource.metadata.name }] : []),
    ...references(resource, 'parentRefs').map((parent) => gateway(parent, resource, namespace)),
    ...references(resource, 'targetRefs').map((target) => gateway(target, resource, namespace)),
  ]);
  const distinct = new Map(found.filter((one) => one !== undefined).map((one) => [`${one.namespace}/${one.name}`, one]));
  return [...distinct.values()];
}

interface Reference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

function references(resource: Resource, field: 'parentRefs' | 'targetRefs'): readonly Reference[] {
  const spec = resource['spec'] as Readonly<Record<string, unknown>> | undefined;
  const value = spec?.[field];
  return Array.isArray(value) ? (value as readonly Reference[]) : [];
}

/** A reference without a kind is to a Gateway, and without a namespace to one beside the object. */
function gateway({ kind = 'Gateway', name, namespace }: Reference, resource: Resource, own: string): GatewayUsed | undefined {
  return kind === 'Gateway' && name !== undefined ? { name, namespace: namespace ?? resource.metadata.namespace ?? own } : undefined;
}
