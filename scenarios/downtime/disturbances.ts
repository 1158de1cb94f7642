// SPDX-License-Identifier: Apache-2.0
import { setTimeout as pause } from 'node:timers/promises';
import pWaitFor from 'p-wait-for';
import type { CheckContext } from '../../harness/check/check.ts';
import { conditionsOf } from '../../harness/check/conditions.ts';
import type { Resource } from '../../harness/kube/kube.ts';
import { isEnding } from '../../harness/target/controller-state.ts';
import type { Controller } from '../../fixtures/controller.ts';
import type { LiveGateway } from '../../fixtures/gateways.ts';
import type { Proxies } from '../../fixtures/proxies.ts';

/** What a disturbance works on. */
export interface Disturbed extends CheckContext {
  readonly live: LiveGateway;
  readonly controller: Controller;
  readonly proxies: Proxies;
  /** Writes the route in its n-th form, each of which serves. */
  readonly writeRoute: (form: number) => Promise<unknown>;
}

/** Something that should not cost a single request. */
export interface Disturbance {
  /** Kebab-case, permanent. */
  readonly id: string;
  /** As the second half of a sentence: `while its route is changed`. */
  readonly title: string;
  /** Does it once; returns when it is over. */
  readonly happen: (disturbed: Disturbed, times: number) => Promise<void>;
}

const rolledBy = 'gauntlet.dev/rolled';
const pollMs = 200;

/** Writes into the Deployment of the proxies, beside what the controller writes. */
const deploy = ({ kube, live }: Disturbed, spec: object): Promise<unknown> =>
  kube.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: live.name, namespace: live.namespace }, spec });

const untilTrue = ({ budgets, signal }: Disturbed, holds: () => Promise<boolean>): Promise<void> =>
  pWaitFor(holds, { interval: pollMs, timeout: { milliseconds: budgets.gateway.ms }, signal });

const isReady = (pod: Resource): boolean => conditionsOf(pod).some(({ type, status }) => type === 'Ready' && status === 'True');

const proxiesOf = async ({ proxies, live }: Disturbed): Promise<readonly Resource[]> =>
  (await proxies.pods(live)).filter((pod) => !isEnding(pod));

/** So many proxies are ready, and none of these is among them. */
const untilProxies = (disturbed: Disturbed, count: number, gone: readonly Resource[] = []): Promise<void> =>
  untilTrue(disturbed, async () => {
    const pods = await proxiesOf(disturbed);
    const isNew = ({ metadata }: Resource): boolean => gone.every((one) => one.metadata.uid !== metadata.uid);
    return pods.length === count && pods.every((pod) => isReady(pod) && isNew(pod));
  });

/** Scenario 6 of the performance anchors. */
export const disturbances: readonly Disturbance[] = [
  {
    id: 'route-change',
    title: 'while its route is changed again and again',
    happen: async ({ writeRoute, signal }, times) => {
      await writeRoute(times);
      await pause(pollMs, undefined, { signal });
    },
  },
  {
    id: 'proxy-rollout',
    title: 'while its proxies are rolled out anew',
    happen: async (disturbed, times) => {
      const before = await proxiesOf(disturbed);
      const mark = `${disturbed.namespace}-${times}`;
      await deploy(disturbed, { template: { metadata: { annotations: { [rolledBy]: mark } } } });
      await untilProxies(disturbed, 1, before);
    },
  },
  {
    id: 'proxy-scale',
    title: 'while its proxies become two, and then one again',
    happen: async (disturbed) => {
      await deploy(disturbed, { replicas: 2 });
      await untilProxies(disturbed, 2);
      await deploy(disturbed, { replicas: 1 });
      await untilProxies(disturbed, 1);
    },
  },
  {
    id: 'controller-restart',
    title: 'while its controller is replaced',
    happen: async ({ budgets, controller, kube }) => {
      for (const { apiVersion, kind, metadata } of await controller.pods()) {
        const { name, namespace = '' } = metadata;
        await kube.remove({ apiVersion, kind, name, namespace }, { wait: budgets.gateway });
      }
      await controller.ready();
    },
  },
];
