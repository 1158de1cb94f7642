// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { conditionsOf, formatCondition } from '../../../harness/check/conditions.ts';
import { holds } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { seconds } from '../../../harness/units.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import { agentgatewayResource } from '../../../fixtures/agentgateway/resource.ts';
import { listenerSet } from '../../../fixtures/gateway-api/listener-set.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { statusStage } from './stage.ts';

const named = 'a policy that names a route is attached';
const attached = 'a policy that reaches its target in this way is attached, or says why it is not';

/** A way to say what a policy is about that the API server accepts. */
interface Way {
  readonly name: string;
  readonly words: string;
  readonly policy: (targets: { readonly set: Resource }) => Resource;
}

const deny = { traffic: { authorization: { policy: { matchExpressions: ['false'] } } } };
const labels = { team: 'a' };

const ways: readonly Way[] = [
  {
    name: 'selector',
    words: 'selects routes by their labels',
    policy: () =>
      agentgatewayResource('AgentgatewayPolicy', 'policy', {
        targetSelectors: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', matchLabels: labels }],
        ...deny,
      }),
  },
  {
    name: 'listener-set',
    words: 'names an XListenerSet',
    policy: ({ set }) => agentgatewayPolicy('policy', [set], deny),
  },
];

export default ways.map(targeting);

function targeting({ name, words, policy }: Way): Check {
  return defineCheck({
    id: `agw-target-${name}`,
    title: `A policy that ${words} is not passed over in silence`,
    feature: 'policy.targeting',
    specification: [
      kgatewaySource('api/v1alpha1/agentgateway/agentgateway_policy_types.go'),
      kgatewaySource('pkg/agentgateway/plugins/traffic_plugin.go'),
    ],
    requires: [],
    sabotages: [
      { name: 'another-route-named', title: 'The policy names a route that is not there', breaks: named },
      { name: 'policy-left-out', title: 'There is no policy', breaks: attached },
    ],
    async run(context) {
      const { apply, expect, budgets, sabotaged } = context;
      const { edge, route, read, isAttached } = await statusStage(context);
      const app = route('app').labelled(labels);
      const set = listenerSet('set', { name: edge.metadata.name }, 8081);
      const ofName = agentgatewayPolicy('named', [sabotaged('another-route-named') ? httpRoute('nowhere') : app], deny);
      const subject = policy({ set });
      await apply(app, set, ofName, ...(sabotaged('policy-left-out') ? [] : [subject]));
      const within = { within: budgets.status, streak: 1 };

      await expect.eventually(named, () => isAttached(ofName), within);
      // What came at the same time has its status by now.
      await expect.eventually(attached, async () => says(await read(subject)), { within: seconds(10), streak: 1 });
    },
  });
}

/** Holds when the status has a word about being attached, or about why it is not accepted. */
function says(policy: Resource | undefined): void {
  const conditions = conditionsOf(policy);
  const told = conditions.some(({ type, status }) => type === 'Attached' || (type === 'Accepted' && status === 'False'));
  holds(told, 'a condition Attached, or Accepted=False', conditions.map(formatCondition).join(', ') || 'no condition at all');
}
