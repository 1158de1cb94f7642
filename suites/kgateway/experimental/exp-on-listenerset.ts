// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerSet, routeOnListenerSet } from '../../../fixtures/gateway-api/listener-set.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';

const own = 'the own listener of the Gateway serves';
const notAllowed = 'a Gateway that allows no listener sets says so';
const closed = 'the port of a listener set that the Gateway does not allow is closed';
const served = 'once the Gateway allows it, the listener of the set serves its routes';
const attached = 'the Gateway says that listener sets are attached';

const port = 8090;

export default defineCheck({
  id: 'exp-on-listenerset',
  title: 'With the experimental gate on, a listener set adds its listeners to a Gateway that allows it, and to no other',
  feature: 'gateway.experimental-gate',
  specification: [gep(1713), kgatewaySource('pkg/kgateway/translator/listener/validation.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'allowed-from-the-start', title: 'The Gateway allows listener sets from the start', breaks: notAllowed },
    { name: 'set-left-out', title: 'There is no listener set', breaks: served },
  ],
  async run({ apply, expect, hostname, kube, namespace, probe, sabotaged, budgets, gateways, echo }) {
    const [host, moreHost] = [hostname(), hostname('more')];
    const plain = gateway('sets').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const live = await gateways.own(sabotaged('allowed-from-the-start') ? plain.acceptingListenerSets() : plain);
    const set = listenerSet('more', live, port);
    await apply(httpRoute('app').on(live).host(host).rule({ to: echo.service }));
    if (!sabotaged('set-left-out')) await apply(set);
    await apply(routeOnListenerSet('more', set).host(moreHost).rule({ to: echo.service }));
    const seen = () => kube.get(referenceTo(live.resource, namespace));
    const { address } = live.endpoint();
    const sendToSet = () => probe.send({ address, port }, { host: moreHost, freshConnection: true });

    await expect.eventually(own, async () => {
      await reached(await live.get('/', { host }), echo);
    });

    await expect.eventually(
      notAllowed,
      async () => {
        condition(await seen(), 'AttachedListenerSets', { status: 'Unknown', reason: 'ListenerSetsNotAllowed' });
      },
      { within: budgets.status, streak: 1 },
    );
    await expect.consistently(closed, async () => refused(await sendToSet(), { layers: ['connect'], before: echo }));

    await gateways.own(plain.acceptingListenerSets());
    await expect.eventually(served, async () => {
      await reached(await sendToSet(), echo);
    });

    await expect.eventually(
      attached,
      async () => {
        condition(await seen(), 'AttachedListenerSets', { status: 'True', reason: 'ListenerSetsAttached' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
