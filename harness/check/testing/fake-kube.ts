// SPDX-License-Identifier: Apache-2.0
import { GauntletError } from '../../errors.ts';
import type { Kube, Resource, ResourceReference } from '../../kube/kube.ts';

/** A cluster in memory: objects are stored as applied, nothing reconciles them. */
export class FakeKube implements Kube {
  readonly objects = new Map<string, Resource>();
  /** What was done, in order: `apply Namespace/a`. */
  readonly actions: string[] = [];
  /** Kinds whose application fails. */
  readonly refusedKinds = new Set<string>();
  /** Logs by name of the pod. */
  readonly podLogs = new Map<string, string>();

  apply(resource: Resource): Promise<Resource> {
    this.actions.push(`apply ${resource.kind}/${resource.metadata.name}`);
    if (this.refusedKinds.has(resource.kind)) {
      return Promise.reject(
        new GauntletError('GAUNTLET_API', `Applying ${resource.kind} failed: refused`, { hint: 'Look at the API server.' }),
      );
    }
    this.objects.set(keyOf(resource, resource.metadata), resource);
    return Promise.resolve(resource);
  }

  get(reference: ResourceReference): Promise<Resource | undefined> {
    return Promise.resolve(this.objects.get(keyOf(reference, reference)));
  }

  list(
    kind: { readonly kind: string },
    scope: { readonly namespace?: string; readonly labelSelector?: string } = {},
  ): Promise<readonly Resource[]> {
    const labels = (scope.labelSelector ?? '').split(',').filter((pair) => pair !== '');
    return Promise.resolve(
      [...this.objects.values()].filter(
        (object) =>
          object.kind === kind.kind &&
          (scope.namespace === undefined || object.metadata.namespace === scope.namespace) &&
          labels.every((pair) => object.metadata.labels?.[pair.split('=')[0] ?? ''] === pair.split('=')[1]),
      ),
    );
  }

  remove(reference: ResourceReference): Promise<void> {
    this.actions.push(`remove ${reference.kind}/${reference.name}`);
    this.objects.delete(keyOf(reference, reference));
    return Promise.resolve();
  }

  async *watch(kind: { readonly kind: string }, namespace: string): AsyncGenerator<readonly Resource[]> {
    yield await this.list(kind, { namespace });
  }

  waitFor(): Promise<Resource | undefined> {
    return Promise.reject(new Error('nothing changes by itself in this cluster'));
  }

  logs(pod: { readonly name: string }): Promise<string> {
    const log = this.podLogs.get(pod.name);
    return log === undefined ? Promise.reject(new Error(`container of ${pod.name} is waiting to start`)) : Promise.resolve(log);
  }

  token(account: { readonly name: string }, { audience }: { readonly audience: string }): Promise<string> {
    return Promise.resolve(`token of ${account.name} for ${audience}`);
  }

  podGet(pod: { readonly name: string }): Promise<{ readonly status: number; readonly body: string }> {
    return Promise.resolve({ status: 200, body: JSON.stringify({ configurationOf: pod.name }) });
  }
}

const keyOf = (
  { kind }: { readonly kind: string },
  { namespace = '', name }: { readonly namespace?: string; readonly name: string },
): string => [kind, namespace, name].join('/');
