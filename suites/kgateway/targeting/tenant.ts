// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../../harness/check/check.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { gatewayApiGroup, type BackendObject, type ServiceReference } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';

/** Makes a namespace beside the check's own whose routes may lead to a peer of the check; returns its name. */
export async function tenant(
  { apply, namespace }: Pick<CheckContext, 'apply' | 'namespace'>,
  label: string,
  peer: { readonly service: ServiceReference },
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const beside = namespaceBeside(namespace, label, labels);
  const { name } = beside.metadata;
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: peer.service.name } };
  await apply(beside, referenceGrant(label, { group: gatewayApiGroup, kind: 'HTTPRoute', namespace: name }, service));
  return name;
}

/** What a rule names to hand its requests to a route, or with `*` to the routes, of a namespace. */
export function delegateTo(namespace: string, name = '*'): BackendObject {
  return { group: gatewayApiGroup, kind: 'HTTPRoute', name, namespace };
}
