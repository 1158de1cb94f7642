// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, denied, header, reached } from '../../../harness/check/matchers.ts';
import { minutes } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const preflight = (kind: string) => `a preflight request of ${kind} is answered with what the page may do, without the backend`;
const page = 'a page of an allowed origin may read the answer of the backend';
const stranger = (kind: string) => `a page of ${kind} is allowed nothing`;

const allowed: Readonly<Record<string, string>> = {
  'the origin that is named': 'https://app.example.test',
  'an origin with one label for the wildcard': 'https://a.shop.test',
  'an origin with several labels for the wildcard': 'https://a.b.shop.test',
};
const strangers: Readonly<Record<string, string>> = {
  'another origin': 'https://evil.test',
  'the origin with another scheme': 'http://app.example.test',
  'the origin on another port': 'https://app.example.test:8443',
  'an origin that ends like the named one': 'https://evil-app.example.test',
  'an origin that begins like the named one': 'https://app.example.test.evil.test',
  'an origin with no label for the wildcard': 'https://shop.test',
  'an origin that ends like the wildcard’s domain': 'https://evilshop.test',
  'an origin that continues the wildcard’s domain': 'https://a.shop.test.evil.test',
  'an origin whose dot is another character': 'https://a.shopxtest',
};

export default defineCheck({
  id: 'cors-policy',
  title: 'Pages of the allowed origins may read answers, and no others',
  feature: 'traffic.cors',
  specification: [
    gep(1767),
    gatewayApi('HTTPCORSFilter', 'httproute_types.go'),
    kgatewaySource('pkg/pluginsdk/policy/cors.go'),
    { title: 'Fetch: CORS protocol', url: 'https://fetch.spec.whatwg.org/#http-cors-protocol' },
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: preflight('the origin that is named') },
    { name: 'every-origin-allowed', title: 'The policy allows every origin', breaks: stranger('another origin') },
    {
      name: 'wildcard-left-out',
      title: 'The origin with the wildcard is left out',
      breaks: preflight('an origin with one label for the wildcard'),
    },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const origins = ['https://app.example.test', ...(sabotaged('wildcard-left-out') ? [] : ['https://*.shop.test'])];
    await policies.apply(
      policy.cors({
        origins: sabotaged('every-origin-allowed') ? ['*'] : origins,
        methods: ['GET', 'PUT'],
        headers: ['x-token'],
        exposedHeaders: ['x-gauntlet-peer'],
        credentials: true,
        maxAge: minutes(10),
      }),
      route,
    );
    await apply(route);
    const asks = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-token' };
    const ask = (origin: string) => gateway.send({ method: 'OPTIONS', host, headers: { origin, ...asks } });

    for (const [kind, origin] of Object.entries(allowed)) {
      await expect.eventually(preflight(kind), async () => {
        const exchange = await ask(origin);
        await denied(exchange, { status: 200, before: echo });
        header(exchange, 'access-control-allow-origin', origin);
        header(exchange, 'access-control-allow-methods', /^GET, ?PUT$/);
        header(exchange, 'access-control-allow-headers', 'x-token');
        header(exchange, 'access-control-allow-credentials', 'true');
        header(exchange, 'access-control-max-age', '600');
      });
    }

    await expect.eventually(page, async () => {
      const exchange = await gateway.send({ method: 'PUT', host, headers: { origin: 'https://a.shop.test', 'x-token': '1' } });
      await reached(exchange, echo);
      header(exchange, 'access-control-allow-origin', 'https://a.shop.test');
      header(exchange, 'access-control-allow-credentials', 'true');
      header(exchange, 'access-control-expose-headers', 'x-gauntlet-peer');
    });

    for (const [kind, origin] of Object.entries(strangers)) {
      await expect.eventually(stranger(kind), async () => {
        for (const exchange of [await ask(origin), await gateway.get('/', { host, headers: { origin } })]) {
          header(exchange, 'access-control-allow-origin', absent);
          header(exchange, 'access-control-allow-methods', absent);
        }
      });
    }
  },
});
