// SPDX-License-Identifier: Apache-2.0
import { header, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const set = 'a header that is set has the listener’s value alone, whatever the client sends';
const added = 'a header that is added has the client’s values and then the listener’s';
const alone = 'a client that sends neither gets both';

export default defineCheck({
  id: 'early-set-over-client',
  title: 'A header that the listener sets replaces what clients send, one that it adds joins it',
  feature: 'listener.early-headers',
  priority: 'P1',
  specification: [
    gatewayApi('HTTPHeaderFilter', 'httproute_types.go'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: alone },
    { name: 'add-for-set', title: 'What should be set is added', breaks: set },
    { name: 'set-for-add', title: 'What should be added is set', breaks: added },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('early').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const [toSet, toAdd] = [[{ name: 'x-set', value: 's1' }], [{ name: 'x-add', value: 'a1' }]];
    const modifier = sabotaged('add-for-set')
      ? { add: [...toSet, ...toAdd] }
      : sabotaged('set-for-add')
        ? { set: [...toSet, ...toAdd] }
        : { set: toSet, add: toAdd };
    if (!sabotaged('policy-left-out')) {
      await apply(listenerPolicy('early', [edge], { default: { httpSettings: { earlyRequestHeaderModifier: modifier } } }));
    }
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const arrivalOf = async (headers: Readonly<Record<string, readonly string[]>>) => reached(await own.get('/', { host, headers }), echo);

    await expect.eventually(alone, async () => {
      const arrival = await arrivalOf({});
      header(arrival, 'x-set', 's1');
      header(arrival, 'x-add', 'a1');
    });
    await expect.eventually(set, async () => header(await arrivalOf({ 'x-set': ['c1', 'c2'] }), 'x-set', 's1'));
    await expect.eventually(added, async () => header(await arrivalOf({ 'x-add': ['c1', 'c2'] }), 'x-add', /^c1, ?c2, ?a1$/));
  },
});
