// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { absent, header, reached, status } from '../../../harness/check/matchers.ts';
import { extensionRef } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { emitted, emittedGateway, emittedRoute } from './emitted.ts';

const page = 'enable-cors: a page of an allowed origin may read the answer, and what the backend says of origins does not count';
const preflight = 'enable-cors: a preflight request of an allowed origin is told what the page may do';
const stranger = 'enable-cors: a page of another origin is allowed nothing';

/** What a backend behind ingress-nginx may say itself, which nginx replaced. */
const ofBackend = { 'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true' };
const replaced = [
  'Access-Control-Allow-Origin',
  'Access-Control-Allow-Methods',
  'Access-Control-Allow-Headers',
  'Access-Control-Expose-Headers',
  'Access-Control-Max-Age',
  'Access-Control-Allow-Credentials',
];

export default defineCheck({
  id: 'migration-cors',
  title: 'An Ingress with CORS annotations is still protected from foreign pages once it is migrated',
  feature: 'gateway.migration',
  priority: 'P1',
  specification: [emitted('cors.yaml'), { title: 'Fetch: CORS protocol', url: 'https://fetch.spec.whatwg.org/#http-cors-protocol' }],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: page },
    { name: 'backend-not-replaced', title: 'The filter that takes the backend’s own headers away is left out', breaks: stranger },
    { name: 'no-methods', title: 'The policy allows another method', breaks: preflight },
    { name: 'origin-allowed', title: 'The other origin is allowed', breaks: stranger },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    await echo.program({ headers: ofBackend });
    const nginx = await gateways.own(emittedGateway([{ host }]));
    const policy = trafficPolicy('ingress-myservicea1', [], {
      cors: {
        allowCredentials: false,
        allowHeaders: ['X-Requested-With', 'Content-Type'],
        allowMethods: sabotaged('no-methods') ? ['PATCH'] : ['GET', 'POST', 'OPTIONS'],
        allowOrigins: ['https://example.com', 'https://another.com', ...(sabotaged('origin-allowed') ? ['https://evil.test'] : [])],
        exposeHeaders: ['X-Expose-One', 'X-Expose-Two'],
        maxAge: 600,
      },
    });
    const filters = [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { remove: replaced } }];
    await apply.subject(policy);
    await apply(
      emittedRoute('ingress-myservicea1', host, nginx).rule({
        ...(sabotaged('backend-not-replaced') ? {} : { filters }),
        to: [{ ...echo.service, filters: [extensionRef(policy)] }],
      }),
    );
    const from = (origin: string) => nginx.get('/', { host, headers: { origin } });

    await expect.eventually(page, async () => {
      const exchange = await from('https://example.com');
      await reached(exchange, echo);
      header(exchange, 'access-control-allow-origin', 'https://example.com');
      header(exchange, 'access-control-expose-headers', 'X-Expose-One, X-Expose-Two');
    });

    await expect.eventually(preflight, async () => {
      const headers = { origin: 'https://another.com', 'access-control-request-method': 'POST' };
      const exchange = await nginx.send({ method: 'OPTIONS', host, headers });
      status(exchange, 200, 204);
      header(exchange, 'access-control-allow-origin', 'https://another.com');
      header(exchange, 'access-control-allow-methods', /\bPOST\b/);
      header(exchange, 'access-control-max-age', '600');
    });

    await expect.eventually(stranger, async () => {
      const exchange = await from('https://evil.test');
      header(exchange, 'access-control-allow-origin', absent);
      header(exchange, 'access-control-allow-credentials', absent);
    });
  },
});
