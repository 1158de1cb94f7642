// SPDX-License-Identifier: Apache-2.0
import { conditionsOf } from '../../../harness/check/conditions.ts';
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerSet, routeOnListenerSet } from '../../../fixtures/gateway-api/listener-set.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const own = 'the own listener of the Gateway serves';
const closed = 'the port of the listener set is closed';
const silent = 'neither the Gateway nor the listener set says anything of listener sets';

const port = 8090;

export default defineCheck({
  id: 'exp-off-listenerset',
  title: 'With the experimental gate off, a listener set adds nothing to a Gateway that would allow it',
  feature: 'gateway.experimental-gate',
  installation: 'experimental-off',
  specification: [kgatewaySource('pkg/pluginsdk/collections/setup.go'), kgatewaySource('pkg/kgateway/translator/listener/validation.go')],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: 'listener-in-the-gateway', title: 'The Gateway has the same listener itself', breaks: closed }],
  async run({ apply, expect, hostname, kube, namespace, probe, sabotaged, gateways, echo }) {
    const [host, moreHost] = [hostname(), hostname('more')];
    const plain = gateway('sets').listener({ name: 'http', port: 8080, protocol: 'HTTP' }).acceptingListenerSets();
    const live = await gateways.own(
      sabotaged('listener-in-the-gateway') ? plain.listener({ name: 'more', port, protocol: 'HTTP' }) : plain,
    );
    const set = listenerSet('more', live, port);
    await apply(set, routeOnListenerSet('more', set).on(live).host(moreHost).rule({ to: echo.service }));
    await apply(httpRoute('app').on(live).host(host).rule({ to: echo.service }));
    const { address } = live.endpoint();

    await expect.eventually(own, async () => {
      await reached(await live.get('/', { host }), echo);
    });

    await expect.consistently(closed, async () =>
      refused(await probe.send({ address, port }, { host: moreHost, freshConnection: true }), { layers: ['connect'], before: echo }),
    );

    await expect.now(silent, async () => {
      const said = conditionsOf(await kube.get(referenceTo(live.resource, namespace))).filter(
        ({ type }) => type === 'AttachedListenerSets',
      );
      same('conditions of the Gateway', said.length, 0);
      // The schema itself gives it conditions that are unknown until a controller says otherwise.
      const decided = conditionsOf(await kube.get(referenceTo(set, namespace))).filter(({ status }) => status !== 'Unknown');
      same('conditions of the listener set that someone decided', decided.length, 0);
    });
  },
});
