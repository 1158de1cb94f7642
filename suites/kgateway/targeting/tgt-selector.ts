// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { gatewayApiGroup } from '../../../fixtures/gateway-api/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { globalPolicyNamespace } from '../../../fixtures/targets/kgateway/installations.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';
import { tenant } from './tenant.ts';

const selected = 'the policy holds for a route with the labels';
const attached = 'the policy holds for a route that gets the labels';
const others = 'a route with other labels asks for nothing';
const detached = 'once a route loses the labels, it asks for nothing';
const foreign = 'a policy of a namespace that is neither the route’s nor the global one has no effect';

interface Row {
  readonly id: string;
  readonly title: string;
  /** Where the policy stands: beside the routes, or in the namespace of global policies. */
  readonly namespace?: string;
  readonly installation?: string;
}

const rows: readonly Row[] = [
  { id: 'tgt-selector', title: 'A policy holds for the routes of its namespace that have the labels, as long as they have them' },
  {
    id: 'tgt-selector-global',
    title: 'A policy of the global namespace holds for the routes of every namespace that have the labels, as long as they have them',
    namespace: globalPolicyNamespace,
    installation: 'tuned',
  },
];

export default rows.map(byLabels);

function byLabels({ namespace: elsewhere, ...row }: Row): Check {
  return defineCheck({
    ...row,
    feature: 'policy.targeting',
    priority: 'P1',
    specification: [kgatewaySource('pkg/krtcollections/policy.go'), kgatewaySource('api/settings/settings.go')],
    requires: ['gateway', 'echo'],
    sabotages: [
      { name: 'policy-left-out', title: 'There is no policy', breaks: selected },
      { name: 'labels-never-come', title: 'The second route does not get the labels', breaks: attached },
      { name: 'everything-labelled', title: 'The other route has the labels as well', breaks: others },
      { name: 'labels-stay', title: 'The route keeps the labels', breaks: detached },
      { name: 'foreign-policy-at-home', title: 'The policy of the other namespace stands beside the routes', breaks: foreign },
    ],
    async run({ apply, expect, hostname, namespace, sabotaged, gateway, echo }) {
      // Global policies meet the routes of all checks, so that names and labels have to be this execution's own.
      const [labels, foreignLabels] = [{ team: namespace }, { foreign: namespace }];
      const [alice, mallory] = [singleUser('alice'), singleUser('mallory')];
      const names = ['first', 'second', 'other', 'third'] as const;
      const hosts = Object.fromEntries(names.map((name) => [name, hostname(name)])) as Record<(typeof names)[number], string>;
      const route = (name: (typeof names)[number]) => httpRoute(name).on(gateway).host(hosts[name]).rule({ to: echo.service });
      const selecting = (matchLabels: Record<string, string>) => [{ group: gatewayApiGroup, kind: 'HTTPRoute', matchLabels }];
      const placed = (name: string, into: string, user: typeof alice, matchLabels: Record<string, string>) => {
        const policy = trafficPolicy(name, [], { ...user.fields, targetSelectors: selecting(matchLabels) });
        return { ...policy, metadata: { ...policy.metadata, namespace: into } };
      };
      const foreignNamespace = await tenant({ apply, namespace }, 'foreign', echo);
      if (!sabotaged('policy-left-out')) await apply(placed(namespace, elsewhere ?? namespace, alice, labels));
      await apply(placed('foreign', sabotaged('foreign-policy-at-home') ? namespace : foreignNamespace, mallory, foreignLabels));
      await apply(route('first').labelled(labels), route('second'), route('third').labelled(foreignLabels));
      await apply(sabotaged('everything-labelled') ? route('other').labelled(labels) : route('other').labelled({ team: 'other' }));
      const lets = (name: (typeof names)[number]) =>
        onlyPasses(alice, [alice, mallory], { echo, send: (request: ProbeRequest) => gateway.send({ host: hosts[name], ...request }) });
      const open = async (name: (typeof names)[number]) => {
        await reached(await gateway.get('/', { host: hosts[name] }), echo);
      };

      await expect.eventually(selected, () => lets('first'));
      await expect.eventually(others, () => open('other'));
      await expect.eventually(foreign, () => open('third'));

      if (!sabotaged('labels-never-come')) await apply(route('second').labelled(labels));
      await expect.eventually(attached, () => lets('second'));

      if (!sabotaged('labels-stay')) await apply(route('first'));
      await expect.eventually(detached, () => open('first'));
    },
  });
}
