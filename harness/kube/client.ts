// SPDX-License-Identifier: Apache-2.0
import { minutes } from '../units.ts';
import { apiRefused, openConnection, type ApiConnection, type ApiRequest } from './connection.ts';
import { Discovery, isNotFound, resourcePath } from './discovery.ts';
import type { Kube, Resource, ResourceReference } from './kube.ts';
import { podGet } from './pod-get.ts';
import { waitForResource } from './wait.ts';
import { watchResources } from './watch.ts';

/** What {@link createKube} is made with. */
export interface KubeOptions {
  /** Path of the kubeconfig; its current context counts. */
  readonly kubeconfig: string;
  /** Ends everything under way with `GAUNTLET_INTERRUPTED`. */
  readonly signal?: AbortSignal;
}

/** Name under which Gauntlet owns the fields that it applies. */
export const fieldManager = 'gauntlet';

/**
 * The Kubernetes API behind a kubeconfig. Kinds are found by discovery, so that any CRD works as soon as the server serves it. A namespace given
 * for a kind that has none is ignored, and a kind that needs one is looked for in `default`, so that callers need not know which is which.
 *
 * @throws GauntletError `GAUNTLET_KUBECONFIG` when the kubeconfig is missing, malformed or names no server; the same from the first request when
 * the server cannot be reached.
 */
export function createKube(options: KubeOptions): Kube & AsyncDisposable {
  const { signal } = options;
  const connection = openConnection(options.kubeconfig, signal);
  const discovery = new Discovery(connection);
  const pathOf = async (reference: ResourceReference) => resourcePath(reference.apiVersion, await discovery.find(reference), reference);

  const waitFor: Kube['waitFor'] = (reference, what, condition, within) =>
    waitForResource(connection, discovery, { reference, what, condition, within }, signal);

  return {
    waitFor,
    watch: (kind, namespace, until) =>
      watchResources(connection, discovery, { ...kind, namespace }, signal === undefined ? until : AbortSignal.any([until, signal])),

    apply: async (resource, { dryRun = false, force = true, status = false } = {}) => {
      const kind = await discovery.find(resource);
      const { namespace, ...metadata } = resource.metadata;
      const applied = { ...resource, metadata: kind.namespaced ? { ...metadata, namespace: namespace ?? 'default' } : metadata };
      return answered<Resource>(connection, {
        method: 'PATCH',
        path: `${resourcePath(resource.apiVersion, kind, { namespace, name: metadata.name })}${status ? '/status' : ''}`,
        // Strict: a misspelt field is an error here, and not a gateway that seems to ignore it.
        query: { fieldManager, force: String(force), fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined },
        body: { contentType: 'application/apply-patch+yaml', text: JSON.stringify(applied) },
      });
    },

    get: async (reference) => {
      const request: ApiRequest = { method: 'GET', path: await pathOf(reference) };
      const answer = await connection.request(request);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw apiRefused(request, answer);
      return JSON.parse(answer.text) as Resource;
    },

    list: async (kind, { namespace, labelSelector } = {}) => {
      const path = resourcePath(kind.apiVersion, await discovery.find(kind), { namespace, all: namespace === undefined });
      const { items } = await answered<{ items: Resource[] }>(connection, { method: 'GET', path, query: { labelSelector } });
      // The server leaves these two away in the items of a list.
      return items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }));
    },

    remove: async (reference, { wait, graceSeconds } = {}) => {
      let uid: string | undefined;
      try {
        const gracePeriodSeconds = graceSeconds === undefined ? undefined : String(graceSeconds);
        const query = { propagationPolicy: 'Background', gracePeriodSeconds };
        const deleted = await answered<{ metadata?: { uid?: string }; details?: { uid?: string } }>(connection, {
          method: 'DELETE',
          path: await pathOf(reference),
          query,
        });
        uid = deleted.metadata?.uid ?? deleted.details?.uid;
      } catch (error) {
        if (isNotFound(error)) return;
        throw error;
      }
      if (wait === undefined) return;
      await waitFor(
        reference,
        'to be gone',
        (resource) => resource === undefined || (uid !== undefined && resource.metadata.uid !== uid),
        wait,
      );
    },

    logs: async (pod, { since, previous = false } = {}) => {
      const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
      // The server reads whole seconds only, and refuses fractions.
      const sinceTime = since === undefined ? undefined : `${since.toISOString().slice(0, 19)}Z`;
      const request: ApiRequest = {
        method: 'GET',
        path,
        query: { container: pod.container, sinceTime, previous: previous ? 'true' : undefined },
      };
      const answer = await connection.request(request);
      if (answer.status !== 200) throw apiRefused(request, answer);
      return answer.text;
    },

    token: async ({ namespace, name }, { audience, pod }) => {
      const boundObjectRef = pod === undefined ? {} : { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod } };
      const review = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences: [audience], expirationSeconds: minutes(10).ms / 1000, ...boundObjectRef },
      };
      const { status } = await answered<{ readonly status: { readonly token: string } }>(connection, {
        method: 'POST',
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}/token`,
        body: { contentType: 'application/json', text: JSON.stringify(review) },
      });
      return status.token;
    },

    podGet: (pod, port, path) => podGet(connection.kubeConfig, pod, port, path, signal),

    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function answered<T>(connection: ApiConnection, request: ApiRequest): Promise<T> {
  const answer = await connection.request(request);
  if (answer.status < 200 || answer.status > 299) throw apiRefused(request, answer);
  return JSON.parse(answer.text) as T;
}
