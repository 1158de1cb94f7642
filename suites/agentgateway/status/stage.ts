// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway, type Gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute, type HttpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { oneByOne } from '../../../fixtures/gateways.ts';

/** What checks of statuses need: a Gateway that nobody has to serve, and routes on it. */
export interface StatusStage {
  readonly edge: Gateway;
  /** A route on the Gateway that answers nothing, not applied. */
  readonly route: (name: string) => HttpRoute;
  readonly read: (resource: Resource) => Promise<Resource | undefined>;
  /** Holds when the policy is valid and attached, by the word of its Gateway. */
  readonly isAttached: (policy: Resource) => Promise<void>;
}

/** Applies the Gateway. It gets no proxy where none was given, and what the controller says of its policies does not depend on one. */
export async function statusStage(context: CheckContext): Promise<StatusStage> {
  const { apply, hostname, kube, namespace, target } = context;
  const edge = gateway('edge')
    .ofClass(target.gatewayClass)
    .inNamespace(namespace)
    .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
    .acceptingListenerSets();
  await oneByOne(context, () => apply(edge));
  const read = (resource: Resource) => kube.get(referenceTo(resource, namespace));
  return {
    edge,
    read,
    route: (name) => httpRoute(name).on({ name: edge.metadata.name, namespace }).host(hostname(name)).rule({}),
    isAttached: async (policy) => {
      const found = await read(policy);
      condition(found, 'Accepted', { reason: 'Valid', of: 'ancestor edge' });
      condition(found, 'Attached', { reason: 'Attached', of: 'ancestor edge' });
    },
  };
}
