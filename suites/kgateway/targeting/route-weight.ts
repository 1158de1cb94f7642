// SPDX-License-Identifier: Apache-2.0
import { holds, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const specific = 'without weights, the route with the longer path gets the request';
const heavier = 'the route of more weight gets the request, though its path is shorter';
const lighter = 'a route of less than no weight loses to one without';

const annotation = 'kgateway.dev/route-weight';

export default defineCheck({
  id: 'route-weight',
  title: 'Where weights count, the heavier route gets the request, whatever the paths are',
  feature: 'routing.http',
  priority: 'P1',
  installation: 'tuned',
  specification: [gatewayApi('HTTPRouteRule', 'httproute_types.go'), kgatewaySource('api/settings/settings.go')],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [
    { name: 'paths-swapped', title: 'The paths are each other’s', breaks: specific },
    { name: 'weight-left-out', title: 'The route has no weight', breaks: heavier },
    { name: 'weight-above', title: 'The weight is positive', breaks: lighter },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo: wide, otherEcho: narrow }) {
    const hosts = { specific: hostname('specific'), heavier: hostname('heavier'), lighter: hostname('lighter') };
    const pair = (name: keyof typeof hosts, weights: { readonly wide?: string; readonly narrow?: string }, paths = ['/', '/page']) => {
      const route = (suffix: string, path: string | undefined, peer: typeof wide, weight: string | undefined) =>
        httpRoute(`${name}-${suffix}`)
          .annotated(weight === undefined ? {} : { [annotation]: weight })
          .on(gateway)
          .host(hosts[name])
          .rule({ path: path ?? '/', to: peer.service });
      return [route('wide', paths[0], wide, weights.wide), route('narrow', paths[1], narrow, weights.narrow)];
    };
    await apply(
      ...pair('specific', {}, sabotaged('paths-swapped') ? ['/page', '/'] : ['/', '/page']),
      ...pair('heavier', sabotaged('weight-left-out') ? {} : { wide: '10' }),
      ...pair('lighter', { narrow: sabotaged('weight-above') ? '10' : '-10' }),
    );
    const goesTo = async (name: keyof typeof hosts, peer: typeof wide, not: typeof wide) => {
      const exchange = await gateway.get('/page', { host: hosts[name] });
      await reached(exchange, peer);
      holds((await not.arrivals(exchange.id)).length === 0, `no arrival at ${not.name}`, 'an arrival', exchange);
    };

    await expect.eventually(specific, () => goesTo('specific', narrow, wide));
    await expect.eventually(heavier, () => goesTo('heavier', wide, narrow));
    await expect.eventually(lighter, () => goesTo('lighter', wide, narrow));
  },
});
