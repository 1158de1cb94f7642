// SPDX-License-Identifier: Apache-2.0
import { reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { rejected, rejectionsOf } from './rejections.ts';

const serves = 'the Gateway serves before anything is rejected';
const both = 'the rejections of both proxies are counted, and both are active';
const one = 'with one of the proxies its rejection goes, and the count stays';
const none = 'with the last proxy the last rejection goes, and the count stays';

export default defineCheck({
  id: 'nack-multi-replica',
  title: 'Rejections are counted for each proxy of a Gateway, and end with it',
  feature: 'xds.nack-metrics',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/setup/envoy_error.go')],
  requires: ['gateways', 'echo', 'controllerMetrics'],
  sabotages: [
    {
      name: 'one-proxy',
      title: 'There is one proxy from the start',
      breaks: both,
    },
    { name: 'both-stay', title: 'No proxy goes', breaks: one },
    { name: 'last-stays', title: 'The last proxy stays', breaks: none },
  ],
  async run({ apply, expect, hostname, kube, sabotaged, gateways, echo, controllerMetrics }) {
    const host = hostname();
    const own = await gateways.own(gateway('nack').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    // GatewayParameters cannot say 0: kgateway 2.2.0 leaves the field out of the Deployment then, and there is one proxy.
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: own.name, namespace: own.namespace },
    };
    const scaleTo = (replicas: number) => kube.apply({ ...deployment, spec: { replicas } });
    if (!sabotaged('one-proxy')) await scaleTo(2);
    const route = httpRoute('app').on(own).host(host).rule({ path: '/sound', to: echo.service });
    await apply(route);
    const rejections = rejectionsOf(controllerMetrics, own, rejected.routes);

    await expect.eventually(serves, async () => {
      await reached(await own.get('/sound', { host }), echo);
    });

    await apply(route.rule({ pathRegex: '[', to: echo.service }));
    await expect.eventually(both, () => rejections.are(2, 2));

    if (!sabotaged('both-stay')) await scaleTo(1);
    await expect.eventually(one, () => rejections.are(1, 2));

    if (!sabotaged('last-stays')) await scaleTo(0);
    await expect.eventually(none, () => rejections.are(0, 2));
  },
});
