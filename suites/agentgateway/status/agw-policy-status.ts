// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { agentgatewayPolicy } from '../../../fixtures/agentgateway/agentgateway-policy.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { statusStage } from './stage.ts';

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
    const { apply, expect, kube, namespace, sabotaged, budgets } = context;
    const { route, read, isAttached } = await statusStage(context);
    const [there, late] = [route('there'), route('late')];
    const timeouts = { traffic: { timeouts: { request: '10s' } } };
    const ofThere = agentgatewayPolicy('of-there', [sabotaged('another-route-targeted') ? httpRoute('nowhere') : there], timeouts);
    const ofLate = agentgatewayPolicy('of-late', [late], timeouts);
    await apply(...(sabotaged('route-from-the-start') ? [late] : []), there, ofThere);
    const within = { within: budgets.status, streak: 1 };
    const isPending = async () => {
      condition(await read(ofLate), 'Attached', { status: 'False', reason: 'Pending', message: 'late' });
    };

    await expect.eventually(attached, () => isAttached(ofThere), within);
    await apply(ofLate);
    await expect.eventually(pending, isPending, within);
    if (!sabotaged('route-never-comes')) await apply(late);
    await expect.eventually(arrived, () => isAttached(ofLate), within);
    if (!sabotaged('route-stays')) await kube.remove(referenceTo(late, namespace));
    await expect.eventually(gone, isPending, within);
  },
});
