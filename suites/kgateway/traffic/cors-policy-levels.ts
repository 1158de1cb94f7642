// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, header, status } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const inherited = 'a route without CORS of its own has that of the Gateway’s policy';
const overridden = 'a route with a policy of its own has that one instead';
const filtered = 'a rule with the standard’s CORS filter has that one instead';
const disabled = 'a route whose policy disables CORS has none';
const prefix = 'an origin that ends in a wildcard stands for all that begin like it';

const origin = 'https://app.example.test';

export default defineCheck({
  id: 'cors-policy-levels',
  title: 'CORS of a rule comes before that of its route, and that before the Gateway’s; a route can switch it off',
  feature: 'traffic.cors',
  priority: 'P1',
  specification: [
    gatewayApi('HTTPCORSFilter', 'httproute_types.go'),
    kgatewaySource('pkg/pluginsdk/policy/cors.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/cors_policy.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: inherited },
    { name: 'nothing-disabled', title: 'The policy that disables CORS is left out', breaks: disabled },
    { name: 'no-filter', title: 'The rule has no filter', breaks: filtered },
    { name: 'no-policy-of-its-own', title: 'The route has no policy of its own', breaks: overridden },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const own = await gateways.own(gateway('cors').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = (name: string) => httpRoute(name).on(own).host(hostname(name));
    const plain = route('plain').rule({ to: echo.service });
    const mine = route('mine').rule({ to: echo.service });
    const off = route('off').rule({ to: echo.service });
    const cors = { allowOrigins: [origin], allowMethods: ['DELETE'] };
    const ruled = route('ruled').rule({ ...(sabotaged('no-filter') ? {} : { filters: [{ type: 'CORS', cors }] }), to: echo.service });
    await apply.subject(
      trafficPolicy('gateway', [own.resource], { cors: { allowOrigins: [origin, 'https://a.b.*'], allowMethods: ['GET'] } }),
      ...(sabotaged('no-policy-of-its-own')
        ? []
        : [trafficPolicy('mine', [mine], { cors: { allowOrigins: [origin], allowMethods: ['PUT'] } })]),
      ...(sabotaged('nothing-disabled') ? [] : [trafficPolicy('off', [off], { cors: { disable: {} } })]),
    );
    await apply(plain, mine, off, ruled);
    const ask = (name: string, from = origin) =>
      own.send({
        method: 'OPTIONS',
        host: hostname(name),
        headers: { origin: from, 'access-control-request-method': 'GET' },
        freshConnection: true,
      });
    const has = async (name: string, methods: string | typeof absent) => {
      const exchange = await ask(name);
      status(exchange, 200);
      header(exchange, 'access-control-allow-methods', methods);
      header(exchange, 'access-control-allow-origin', methods === absent ? absent : origin);
    };

    await expect.eventually(inherited, () => has('plain', 'GET'));
    await expect.eventually(overridden, () => has('mine', 'PUT'));
    await expect.eventually(filtered, () => has('ruled', 'DELETE'));
    await expect.eventually(disabled, () => has('off', absent));

    await expect.eventually(prefix, async () => {
      header(await ask('plain', 'https://a.b.c.test'), 'access-control-allow-origin', 'https://a.b.c.test');
      header(await ask('plain', 'http://a.b.c.test'), 'access-control-allow-origin', absent);
      header(await ask('plain', 'https://evil.a.b.c.test'), 'access-control-allow-origin', absent);
    });
  },
});
