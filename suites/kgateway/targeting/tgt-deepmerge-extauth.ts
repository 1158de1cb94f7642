// SPDX-License-Identifier: Apache-2.0
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const both = 'a request that both servers allow reaches the backend, and both were asked';
const secondDenies = 'a request that the second server denies does not reach the backend, and the first was not asked';
const firstDenies = 'a request that the first server denies does not reach the backend';
const swapped = 'once the first provider weighs more, a request that it denies is not asked of the second';

const weighing = (resource: Resource, weight: string): Resource => ({
  ...resource,
  metadata: { ...resource.metadata, annotations: { 'kgateway.dev/policy-weight': weight } },
});

export default defineCheck({
  id: 'tgt-deepmerge-extauth',
  title: 'Where policies of one route are merged deeply, every authorization server has to allow a request, in the order of their weights',
  feature: 'policy.targeting',
  priority: 'P1',
  installation: 'tuned',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/merge.go'), kgatewaySource('api/settings/settings.go')],
  requires: ['gateway', 'echo', 'extAuth', 'extAuthHttp'],
  sabotages: [
    { name: 'second-policy-left-out', title: 'Only the first policy is there', breaks: both },
    { name: 'first-weighs-more', title: 'The first provider weighs more from the start', breaks: secondDenies },
    { name: 'first-allows', title: 'The first server allows what it should deny', breaks: firstDenies },
    { name: 'weights-stay', title: 'The weights stay as they are', breaks: swapped },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth: first, extAuthHttp: second }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const providers = {
      first: gatewayExtension('first', { extAuth: { grpcService: { backendRef: first.service } } }),
      second: gatewayExtension('second', {
        extAuth: { headersToForward: ['x-gauntlet-id'], httpService: { backendRef: second.service } },
      }),
    };
    const policy = (name: string) => trafficPolicy(name, [route], { extAuth: { extensionRef: { name } } });
    await apply(weighing(providers.first, sabotaged('first-weighs-more') ? '20' : '1'), weighing(providers.second, '10'));
    await apply(policy('first'), route);
    if (!sabotaged('second-policy-left-out')) await apply(policy('second'));
    const decide = async (firstSays: 'allow' | 'deny', secondSays: 'allow' | 'deny') => {
      await first.program({ always: firstSays });
      await second.program({ always: secondSays });
    };
    const send = () => gateway.get('/', { host });

    await decide('allow', 'allow');
    await expect.eventually(both, async () => {
      const exchange = await send();
      await reached(exchange, echo);
      for (const server of [first, second]) same(`questions to ${server.name}`, (await server.arrivals(exchange.id)).length, 1);
    });

    await decide('allow', 'deny');
    await expect.eventually(secondDenies, async () => denied(await send(), { status: 403, before: [echo, first] }));

    await decide(sabotaged('first-allows') ? 'allow' : 'deny', 'allow');
    await expect.eventually(firstDenies, async () => {
      const exchange = await send();
      await denied(exchange, { status: 403, before: echo });
      same(`questions to ${second.name}`, (await second.arrivals(exchange.id)).length, 1);
    });

    if (!sabotaged('weights-stay')) await apply(weighing(providers.first, '20'));
    await expect.eventually(swapped, async () => denied(await send(), { status: 403, before: [echo, second] }));
  },
});
