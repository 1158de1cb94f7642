// SPDX-License-Identifier: Apache-2.0
import type { Kube, Resource, ResourceReference } from '../kube/kube.ts';

/** What an execution did to the API. */
export type ApiChange = Applied | Removed;

/** An object that was written. */
export interface Applied {
  readonly type: 'applied';
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly resource: Resource;
  /** Its status was written in place of the rest. */
  readonly status: boolean;
}

/** An object that was deleted. */
export interface Removed {
  readonly type: 'removed';
  readonly at: number;
  readonly reference: ResourceReference;
  /** It was waited for until it was gone. */
  readonly waited: boolean;
  /** Given to it to end by itself; its own time if absent. */
  readonly graceSeconds?: number;
}

/** A client of the API that remembers what was changed through it, in order. */
export class RecordedKube {
  readonly changes: ApiChange[] = [];
  readonly client: Kube;

  constructor(kube: Kube, now: () => number) {
    const recorded: Pick<Kube, 'apply' | 'remove'> = {
      apply: (resource, options = {}) => {
        if (options.dryRun !== true) this.changes.push({ type: 'applied', at: now(), resource, status: options.status === true });
        return kube.apply(resource, options);
      },
      remove: (reference, options = {}) => {
        const grace = options.graceSeconds === undefined ? {} : { graceSeconds: options.graceSeconds };
        this.changes.push({ type: 'removed', at: now(), reference, waited: options.wait !== undefined, ...grace });
        return kube.remove(reference, options);
      },
    };
    this.client = Object.assign(Object.create(kube) as Kube, recorded);
  }
}
