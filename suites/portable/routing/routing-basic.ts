// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi } from '../../specification.ts';

const first = 'a request to the first path reaches the first backend, and no other';
const second = 'a request to the second path reaches the second backend, and no other';
const elsewhere = 'a request to another path is answered with 404 and reaches no backend';

export default defineCheck({
  id: 'routing-basic',
  title: 'A request reaches the backend that its host and path select, and no other',
  feature: 'routing.http',
  specification: [gatewayApi('HTTPRouteRule', 'httproute_types.go'), gatewayApi('HTTPPathMatch', 'httproute_types.go')],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The route is left out', breaks: first },
    { name: 'backends-swapped', title: 'The two rules go to each other’s backend', breaks: first },
    { name: 'catch-all-rule', title: 'A rule without a path takes every request of the host', breaks: elsewhere },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho: other }) {
    const host = hostname();
    const swapped = sabotaged('backends-swapped');
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ path: '/first', to: swapped ? other.service : echo.service })
      .rule({ path: '/second', to: swapped ? echo.service : other.service });
    await apply.subject(sabotaged('catch-all-rule') ? route.rule({ to: echo.service }) : route);

    await expect.eventually(first, async () => {
      const exchange = await gateway.get('/first/page', { host });
      const arrival = await reached(exchange, echo);
      holds(arrival.path === '/first/page' && arrival.host === host, `${host}/first/page`, `${arrival.host}${arrival.path}`, exchange);
      holds((await other.arrivals(exchange.id)).length === 0, 'no arrival at the other backend', 'an arrival', exchange);
    });

    await expect.eventually(second, async () => {
      const exchange = await gateway.get('/second', { host });
      await reached(exchange, other);
      holds((await echo.arrivals(exchange.id)).length === 0, 'no arrival at the other backend', 'an arrival', exchange);
    });

    await expect.eventually(elsewhere, async () => denied(await gateway.get('/third', { host }), { status: 404, before: [echo, other] }));
  },
});
