// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { oneByOne } from '../../../fixtures/gateways.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const attached = 'a policy of a route that is there is valid and attached, by the word of its Gateway';
const pending = 'a policy of a route that is not there is not attached, and says which route is missing';
const arrived = 'once the route is there, its policy is attached';
const gone = 'once the route is gone, its policy is not attached any more';

export default defineCheck({
  id: 'agw-policy-status',
  title: 'A policy says whether it is attached, as its target comes and goes',
  feature: 'policy.targeting',
  specification: [kgatewaySource('pkg/agentgateway/plugins/traffic_plugin.go')],
  requires: [],
  sabotages: [
    { name: 'another-route-targeted', title: 'The policy targets a route that is not there', breaks: attached },
    { name: 'route-from-the-start', title: 'The route is there from the start', breaks: pending },
    { name: 'route-never-comes', title: 'The route does not come', breaks: arrived },
    { name: 'route-stays', title: 'The route is not removed', breaks: gone },
  ],
  async run(context) {
    const { apply, expect, hostname, kube, namespace, sabotaged, budgets, target } = context;
    // It gets no proxy where none was given; what its policies say does not depend on one.
    const edge = gateway('edge')
      .ofClass(target.gatewayClass)
      .inNamespace(namespace)
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    await oneByOne(context, () => apply(edge));
    const on = { name: edge.metadata.name, namespace };
    const there = httpRoute('there').on(on).host(hostname('there')).rule({});
    const late = httpRoute('late').on(on).host(hostname('late')).rule({});
    const timeouts = { traffic: { timeouts: { request: '10s' } } };
    const ofThere = agentgatewayPolicy('of-there', [sabotaged('another-route-targeted') ? httpRoute('nowhere') : there], timeouts);
    const ofLate = agentgatewayPolicy('of-late', [late], timeouts);
    await apply(there, ofThere, ofLate, ...(sabotaged('route-from-the-start') ? [late] : []));
    const read = (policy: typeof ofThere) => kube.get(referenceTo(policy, namespace));
    const within = { within: budgets.status, streak: 1 };
    const isAttached = async (policy: typeof ofThere) => {
      const found = await read(policy);
      condition(found, 'Accepted', { reason: 'Valid', of: 'ancestor edge' });
      condition(found, 'Attached', { reason: 'Attached', of: 'ancestor edge' });
    };
    const isPending = async () => {
      condition(await read(ofLate), 'Attached', { status: 'False', reason: 'Pending', message: 'late' });
    };

    await expect.eventually(attached, () => isAttached(ofThere), within);
    await expect.eventually(pending, isPending, within);
    if (!sabotaged('route-never-comes')) await apply(late);
    await expect.eventually(arrived, () => isAttached(ofLate), within);
    if (!sabotaged('route-stays')) await kube.remove(referenceTo(late, namespace));
    await expect.eventually(gone, isPending, within);
  },
});
