// SPDX-License-Identifier: Apache-2.0
import type { Kube, Resource } from '../kube/kube.ts';

/** A client that makes this namespace with the first object in it: what never needs one leaves nothing to remove, which costs a cluster more than to make it. */
export function withOwnNamespace(kube: Kube, namespace: Resource): Kube {
  let made: Promise<unknown> | undefined;
  const apply: Kube['apply'] = async (resource, options) => {
    if (resource.metadata.namespace === namespace.metadata.name) await (made ??= kube.apply(namespace));
    return kube.apply(resource, options);
  };
  return Object.assign(Object.create(kube) as Kube, { apply });
}
