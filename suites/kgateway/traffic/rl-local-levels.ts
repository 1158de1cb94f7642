// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const free = 'a route that disables the limit of the Gateway is served all the time';
const inherited = 'a route without a limit of its own has the Gateway’s';
const overridden = 'a route with a limit of its own has that one instead';

const limits = { gateway: 3, route: 5 };

export default defineCheck({
  id: 'rl-local-levels',
  title: 'A local rate limit of a route comes before the Gateway’s, and an empty one disables it',
  feature: 'traffic.rate-limit',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/local_rate_limit_plugin.go'),
  ],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The Gateway’s policy is left out', breaks: inherited },
    { name: 'nothing-disabled', title: 'The empty limit is left out', breaks: free },
    { name: 'no-limit-of-its-own', title: 'The route’s own limit is left out', breaks: overridden },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const own = await gateways.own(gateway('limited').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = (name: string) => httpRoute(name).on(own).host(hostname(name)).rule({ to: echo.service });
    const routes = { plain: route('plain'), mine: route('mine'), off: route('off') };
    const local = (maxTokens: number) => ({ rateLimit: { local: { tokenBucket: { maxTokens, fillInterval: '600s' } } } });
    await apply.subject(trafficPolicy('gateway', [own.resource], local(limits.gateway)));
    await apply(
      ...(sabotaged('no-limit-of-its-own') ? [] : [trafficPolicy('mine', [routes.mine], local(limits.route))]),
      ...(sabotaged('nothing-disabled') ? [] : [trafficPolicy('off', [routes.off], { rateLimit: { local: {} } })]),
    );
    await apply(routes.plain, routes.mine, routes.off);
    const send = (name: string) => own.get('/', { host: hostname(name), freshConnection: true });
    /** Sends until it is refused; holds when as many requests as the limit says have reached the backend by then. */
    const limited = async (name: string, limit: number) => {
      const refused = { ...policies.outcomes.locallyRateLimited, before: echo };
      await expect.eventually(name === 'plain' ? inherited : overridden, async () => {
        await denied(await send(name), refused);
        const arrivals = (await echo.arrivals()).filter(({ host }) => host === hostname(name)).length;
        holds(arrivals === limit, `${limit} arrivals before that`, `${arrivals} arrivals`);
      });
    };

    const unlimited = () =>
      expect.eventually(free, async () => {
        for (let count = 0; count <= limits.route; count += 1) await reached(await send('off'), echo);
      });
    await unlimited();

    await limited('plain', limits.gateway);
    await limited('mine', limits.route);

    // Again, now that the limits count: before they did, no route had one.
    await unlimited();
  },
});
