// SPDX-License-Identifier: Apache-2.0
import { absent, header, reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, rfc } from '../../specification.ts';

const ways: readonly { readonly name: string; readonly request: ProbeRequest }[] = [
  { name: 'in capitals', request: { headers: { 'X-USER': 'admin' } } },
  { name: 'in mixed case', request: { headers: { 'x-UsEr': 'admin' } } },
  { name: 'more than once', request: { headers: { 'x-user': ['admin', 'root'] } } },
  { name: 'twice in different cases', request: { headers: { 'X-User': 'admin', 'x-user': 'root' } } },
  { name: 'over HTTP/2', request: { headers: { 'x-user': 'admin' }, protocol: 'h2' } },
  { name: 'without a value', request: { headers: { 'x-user': '' } } },
];
const removed = (way: string) => `a header that a client sends ${way} does not reach the backend`;
const others = 'headers of like names reach the backend';
const underscore = 'a name with an underscore is another name';

export default defineCheck({
  id: 'early-case-dup',
  title: 'A header that the listener removes is removed however it is written',
  feature: 'listener.early-headers',
  priority: 'P1',
  specification: [rfc(9110, '5.1'), kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: removed('in capitals') },
    { name: 'likes-removed', title: 'A header of a like name is removed, too', breaks: others },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('early').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const remove = sabotaged('likes-removed') ? ['x-user', 'x-user-id'] : ['x-user'];
    if (!sabotaged('policy-left-out')) {
      await apply(listenerPolicy('early', [edge], { default: { httpSettings: { earlyRequestHeaderModifier: { remove } } } }));
    }
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const arrivalOf = async (request: ProbeRequest) => reached(await own.send({ ...request, host }), echo);

    await expect.eventually(others, async () => {
      const arrival = await arrivalOf({ headers: { 'x-user-id': '7', 'my-x-user': '7' } });
      header(arrival, 'x-user-id', '7');
      header(arrival, 'my-x-user', '7');
    });
    for (const { name, request } of ways) {
      await expect.eventually(removed(name), async () => header(await arrivalOf(request), 'x-user', absent));
    }
    await expect.eventually(underscore, async () => header(await arrivalOf({ headers: { x_user: 'admin' } }), 'x_user', 'admin'));
  },
});
