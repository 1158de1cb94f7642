// SPDX-License-Identifier: Apache-2.0
import { condition, conditionsOf } from '../../../harness/check/conditions.ts';
import { holds } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const attached = 'a policy of a Gateway that exists says that it is attached';
const beside = 'what another controller says stands beside it';
const cleared = 'once it targets a Gateway that does not exist, the gateway says nothing of the former one any more';
const kept = 'what the other controller said stays';

interface PolicyStatus {
  readonly ancestors?: readonly object[];
}

export default defineCheck({
  id: 'lp-stale-status',
  title: 'A policy that is moved away loses its old status, and not what other controllers wrote',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    gatewayApi('PolicyStatus', 'policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/listener_plugin.go'),
  ],
  requires: ['gateways'],
  sabotages: [
    { name: 'policy-stays', title: 'The policy goes on targeting the Gateway', breaks: cleared },
    { name: 'no-other-controller', title: 'No other controller says anything', breaks: beside },
  ],
  async run({ apply, expect, kube, namespace, sabotaged, budgets, gateways }) {
    const edge = gateway('present').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const policyFor = (target: Resource) => listenerPolicy('moved', [target], { default: { httpSettings: { acceptHttp10: true } } });
    const policy = policyFor(edge);
    await apply(policy);
    await gateways.own(edge);
    const read = () => kube.get(referenceTo(policy, namespace));
    const within = { within: budgets.status, streak: 1 };
    const ofOther = { type: 'Accepted', of: 'ancestor foreign' } as const;

    await expect.eventually(
      attached,
      async () => {
        condition(await read(), 'Attached', { of: 'ancestor present' });
      },
      within,
    );

    if (!sabotaged('no-other-controller')) {
      const { ancestors = [] } = ((await read())?.['status'] ?? {}) as PolicyStatus;
      const { apiVersion, kind } = policy;
      const status = { ancestors: [...ancestors, foreignAncestor()] };
      await kube.apply({ apiVersion, kind, metadata: { name: 'moved', namespace }, status }, { status: true });
    }
    await expect.eventually(
      beside,
      async () => {
        const seen = await read();
        condition(seen, 'Attached', { of: 'ancestor present' });
        condition(seen, ofOther.type, ofOther);
      },
      { ...within, within: budgets.traffic },
    );

    if (!sabotaged('policy-stays')) await apply(policyFor(gateway('absent')));
    await expect.eventually(
      cleared,
      async () => {
        const stale = conditionsOf(await read()).filter(({ of }) => of === 'ancestor present');
        holds(stale.length === 0, 'no condition of the former Gateway', `${stale.length} conditions`);
      },
      within,
    );
    await expect.eventually(
      kept,
      async () => {
        condition(await read(), ofOther.type, ofOther);
      },
      within,
    );
  },
});

function foreignAncestor(): object {
  return {
    ancestorRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'foreign' },
    controllerName: 'other-controller.example.com/controller',
    conditions: [
      {
        type: 'Accepted',
        status: 'True',
        reason: 'Valid',
        message: 'Accepted by another controller',
        lastTransitionTime: new Date().toISOString(),
      },
    ],
  };
}
