// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { header, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute, requestHeaders } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerSet, routeOnListenerSet } from '../../../fixtures/gateway-api/listener-set.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const inherited = 'a route without a policy of its own has the changes of the Gateway’s';
const both = 'a route with a policy of its own has the changes of both, its own before the Gateway’s';
const inSet = 'a route of a listener set has the changes of the set’s policy and of the Gateway’s';
const filtered = 'the changes of a rule’s filter are made as well';

const setPort = 8090;

/** Adds a value, and says who it was that set another. */
const changes = (by: string) => ({ add: [{ name: 'x-added', value: by }], set: [{ name: 'x-set', value: by }] });

export default defineCheck({
  id: 'hdrmod-levels',
  title: 'Header changes of policies of a Gateway, a listener set and a route, and of a rule’s filter, are all made',
  feature: 'traffic.header-modifiers',
  priority: 'P1',
  specification: [
    gatewayApi('HTTPHeaderFilter', 'httproute_types.go'),
    kgatewaySource('test/e2e/features/header_modifiers/suite.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/header_modifiers.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The Gateway’s policy is left out', breaks: inherited },
    { name: 'no-policy-of-its-own', title: 'The route has no policy of its own', breaks: both },
    { name: 'no-policy-of-the-set', title: 'The listener set has no policy', breaks: inSet },
    { name: 'no-filter', title: 'The rule has no filter', breaks: filtered },
  ],
  async run({ apply, expect, hostname, probe, sabotaged, gateways, echo }) {
    const own = await gateways.own(gateway('modifying').listener({ name: 'http', port: 8080, protocol: 'HTTP' }).acceptingListenerSets());
    const route = (name: string) => httpRoute(name).on(own).host(hostname(name));
    const plain = route('plain').rule({ to: echo.service });
    const mine = route('mine').rule({ to: echo.service });
    const filters = sabotaged('no-filter') ? {} : { filters: [requestHeaders({ set: { 'x-filter': 'rule' } })] };
    const ruled = route('ruled').rule({ ...filters, to: echo.service });
    await apply.subject(trafficPolicy('gateway', [own.resource], { headerModifiers: { request: changes('gateway') } }));
    if (!sabotaged('no-policy-of-its-own')) await apply(trafficPolicy('mine', [mine], { headerModifiers: { request: changes('route') } }));
    const set = listenerSet('more', own, setPort);
    await apply(
      set,
      ...(sabotaged('no-policy-of-the-set') ? [] : [trafficPolicy('set', [set], { headerModifiers: { request: changes('set') } })]),
    );
    await apply(plain, mine, ruled, routeOnListenerSet('more', set).host(hostname('more')).rule({ to: echo.service }));
    const arrived = async (name: string) => reached(await own.get('/', { host: hostname(name), freshConnection: true }), echo);

    await expect.eventually(inherited, async () => {
      const arrival = await arrived('plain');
      header(arrival, 'x-added', 'gateway');
      header(arrival, 'x-set', 'gateway');
    });

    await expect.eventually(both, async () => {
      const arrival = await arrived('mine');
      header(arrival, 'x-added', /^route, ?gateway$/);
      header(arrival, 'x-set', 'gateway');
    });

    await expect.eventually(inSet, async () => {
      const exchange = await probe.send({ ...own.endpoint(), port: setPort }, { host: hostname('more'), freshConnection: true });
      const arrival = await reached(exchange, echo);
      header(arrival, 'x-added', /^set, ?gateway$/);
      header(arrival, 'x-set', 'gateway');
    });

    await expect.eventually(filtered, async () => {
      const arrival = await arrived('ruled');
      header(arrival, 'x-filter', 'rule');
      header(arrival, 'x-set', 'gateway');
    });
  },
});
