// SPDX-License-Identifier: Apache-2.0
import type { Kube, Resource, ResourceReference } from '../kube/kube.ts';
import type { Apply } from './check.ts';
import type { CleanUps } from './clean-ups.ts';
import { runLabel } from './run-namespace.ts';

/** Kinds without a namespace that checks have a use for; every other kind is namespaced. */
const clusterScoped: ReadonlySet<string> = new Set([
  'APIService',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'GatewayClass',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
]);

/** What the resources of one execution need. */
export interface AppliedResourcesOptions {
  readonly kube: Kube;
  readonly runId: string;
  readonly namespace: string;
  /** Whether `apply.subject` applies nothing. */
  readonly subjectLeftOut: boolean;
  /** Whether each resource is removed before the check counts as over, the last applied first; others leave that to the end of their namespace. */
  readonly removesEach: boolean;
  readonly cleanUps: CleanUps;
  /** Told of each resource before it is applied. */
  readonly onResource: (resource: Resource) => void;
}

/** What one execution applied. */
export class AppliedResources {
  /** For the check. */
  readonly apply: Apply;
  readonly #options: AppliedResourcesOptions;
  readonly #applied = new Map<string, Resource>();
  #subjectAsked = false;

  constructor(options: AppliedResourcesOptions) {
    this.#options = options;
    this.apply = Object.assign((...resources: readonly Resource[]) => this.#applyAll(resources), {
      subject: async (...resources: readonly Resource[]) => {
        this.#subjectAsked = true;
        return options.subjectLeftOut ? [] : this.#applyAll(resources);
      },
    });
  }

  /** As last applied, in the order of first application. */
  get resources(): readonly Resource[] {
    return [...this.#applied.values()];
  }

  /** Whether the check ever called `apply.subject`. */
  get subjectAsked(): boolean {
    return this.#subjectAsked;
  }

  async #applyAll(resources: readonly Resource[]): Promise<readonly Resource[]> {
    const stored: Resource[] = [];
    for (const resource of resources) stored.push(await this.#applyOne(resource));
    return stored;
  }

  async #applyOne(resource: Resource): Promise<Resource> {
    const { kube, cleanUps, namespace, removesEach } = this.#options;
    const complete = this.#complete(resource);
    const reference = referenceTo(complete);
    const key = [reference.apiVersion, reference.kind, reference.namespace, reference.name].join('/');
    const isNew = !this.#applied.has(key);
    this.#options.onResource(complete);
    this.#applied.set(key, complete);
    // What lies in the check's own namespace goes with it, in an order and at a time of its own.
    if (isNew && (removesEach || reference.namespace !== namespace)) cleanUps.defer(() => kube.remove(reference));
    return kube.apply(complete);
  }

  #complete(resource: Resource): Resource {
    const { namespace, runId } = this.#options;
    const own = clusterScoped.has(resource.kind) ? {} : { namespace };
    const labels = { ...resource.metadata.labels, [runLabel]: runId };
    return { ...resource, metadata: { ...own, ...resource.metadata, labels } };
  }
}

/** The reference of an object. */
export function referenceTo({ apiVersion, kind, metadata: { name, namespace } }: Resource): ResourceReference {
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
