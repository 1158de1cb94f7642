// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from '../../../harness/check/expect.ts';
import type { Resource } from '../../../harness/kube/kube.ts';

/** The controller as a chart renders it. */
export interface RenderedController {
  readonly deployment: Resource;
  readonly replicas: number;
  readonly container: Container;
}

interface Container {
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
}

/** The Deployment of the controller among the objects of a chart. */
export function controllerOf(objects: readonly Resource[]): RenderedController {
  const deployment = objects.find(({ kind }) => kind === 'Deployment');
  if (deployment === undefined) throw new Mismatch('a Deployment', objects.map(({ kind }) => kind).join(', '));
  const { replicas, template } = deployment['spec'] as {
    readonly replicas: number;
    readonly template: { readonly spec: { readonly containers: readonly Container[] } };
  };
  const [container] = template.spec.containers;
  if (container === undefined) throw new Mismatch('a container', 'none');
  return { deployment, replicas, container };
}

/** Environment of the controller's process: of a name that stands there twice, the last value counts. */
export function environmentOf({ container }: RenderedController): ReadonlyMap<string, string> {
  return new Map(container.env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

/** Ports of the container, for people: `health 9093, metrics 9092`. */
export function portsOf({ container }: RenderedController): string {
  return container.ports.map(({ name, containerPort }) => `${name} ${containerPort}`).join(', ');
}
