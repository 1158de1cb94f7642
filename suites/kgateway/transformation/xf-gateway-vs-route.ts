// SPDX-License-Identifier: Apache-2.0
import { absent, header, reached, status } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const inherited = 'a route without a transformation of its own gets that of the Gateway';
const replaced = 'a route with one of its own gets that alone';
const noRoute = 'an answer to a host without a route is not transformed';

export default defineCheck({
  id: 'xf-gateway-vs-route',
  title: "A route's transformation replaces that of its Gateway, and is not merged with it",
  feature: 'traffic.transformation',
  priority: 'P1',
  specification: [kgatewaySource('test/e2e/features/transformation/suite.go')],
  needs: ['rust-module'],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'gateway-policy-left-out', title: 'The policy on the Gateway is left out', breaks: inherited },
    { name: 'route-policy-left-out', title: 'The policy on the route is left out', breaks: replaced },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const own = await gateways.own(gateway('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const plain = httpRoute('plain').on(own).host(hostname('plain')).rule({ to: echo.service });
    const special = httpRoute('special').on(own).host(hostname('special')).rule({ to: echo.service });
    const setting = (name: string) => ({ transformation: { response: { set: [{ name, value: 'set' }] } } });
    await apply(plain, special);
    if (!sabotaged('gateway-policy-left-out')) await apply(trafficPolicy('on-gateway', [own.resource], setting('x-gateway')));
    if (!sabotaged('route-policy-left-out')) await apply(trafficPolicy('on-route', [special], setting('x-route')));

    await expect.eventually(inherited, async () => {
      const exchange = await own.get('/', { host: hostname('plain') });
      await reached(exchange, echo);
      header(exchange, 'x-gateway', 'set');
    });

    await expect.eventually(replaced, async () => {
      const exchange = await own.get('/', { host: hostname('special') });
      await reached(exchange, echo);
      header(exchange, 'x-route', 'set');
      header(exchange, 'x-gateway', absent);
    });

    await expect.eventually(noRoute, async () => {
      const exchange = await own.get('/', { host: hostname('unknown') });
      status(exchange, 404);
      header(exchange, 'x-gateway', absent);
    });
  },
});
