// SPDX-License-Identifier: Apache-2.0
import type { Duration } from '../units.ts';

/** A Kubernetes object as it goes over the wire. `status` and the like are read through {@link Kube.get}. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ResourceMetadata;
  readonly [field: string]: unknown;
}

/** The part of the metadata that Gauntlet writes or reads. */
export interface ResourceMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** Names one object. */
export interface ResourceReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** The Kubernetes API as checks and the engine use it. Every failure is a GauntletError `GAUNTLET_API` with the server's own message as cause. */
export interface Kube {
  /**
   * Server-side apply with field manager `gauntlet`; returns the object as stored. Fields that the schema does not have are refused. `dryRun`
   * validates only; `force`, the default, takes fields over that someone else owns; `status` applies the status in place of the rest.
   */
  apply(
    resource: Resource,
    options?: { readonly dryRun?: boolean; readonly force?: boolean; readonly status?: boolean },
  ): Promise<Resource>;
  /** The object, or undefined if it does not exist. */
  get(reference: ResourceReference): Promise<Resource | undefined>;
  list(
    kind: { readonly apiVersion: string; readonly kind: string },
    scope?: { readonly namespace?: string; readonly labelSelector?: string },
  ): Promise<readonly Resource[]>;
  /** Deletes; nothing to delete is no error. With `wait` it returns once the object is gone. */
  remove(reference: ResourceReference, options?: { readonly wait?: Duration; readonly graceSeconds?: number }): Promise<void>;
  /**
   * Waits until the object satisfies the condition: a watch with a periodic re-list, so a lost event costs no more than the re-list period.
   *
   * @throws GauntletError `GAUNTLET_TIMEOUT` with the last state seen.
   */
  waitFor(
    reference: ResourceReference,
    what: string,
    condition: (resource: Resource | undefined) => boolean,
    within: Duration,
  ): Promise<Resource | undefined>;
  /** The objects of a kind in a namespace, all of them each time that one changes, from now until the signal is aborted. */
  watch(
    kind: { readonly apiVersion: string; readonly kind: string },
    namespace: string,
    signal: AbortSignal,
  ): AsyncIterable<readonly Resource[]>;
  /** Log of a container; the whole of it, or since a time. */
  logs(
    pod: { readonly namespace: string; readonly name: string; readonly container?: string },
    options?: { readonly since?: Date; readonly previous?: boolean },
  ): Promise<string>;
  /**
   * A token of a ServiceAccount for an audience, as a kubelet mounts it into a pod; bound to that pod if one is named, so that it tells its holder's
   * pod as well. Valid for ten minutes.
   */
  token(
    account: { readonly namespace: string; readonly name: string },
    options: { readonly audience: string; readonly pod?: string },
  ): Promise<string>;
  /** An HTTP GET to a port of a pod, also one bound to the pod's loopback: by port-forward through the API server. */
  podGet(
    pod: { readonly namespace: string; readonly name: string },
    port: number,
    path: string,
  ): Promise<{ readonly status: number; readonly body: string }>;
}
