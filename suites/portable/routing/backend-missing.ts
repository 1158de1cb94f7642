// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, holds, reached, status } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi } from '../../specification.ts';

const sound = 'a request to the sound rule reaches the backend';
const missing = 'a request to the rule whose backend does not exist is answered with an error, and reaches no backend';
const share = 'of a rule with two backends, one of which does not exist, that one’s share is answered with an error and the rest is served';
const resolved = 'the route says that a backend was not found';

/** Of so many requests, with even weights, fewer or more than a quarter and three quarters go wrong once in 100,000 times. */
const sent = 80;

export default defineCheck({
  id: 'backend-missing',
  title: 'A rule whose backend does not exist answers with an error for the share of that backend',
  feature: 'routing.http',
  specification: [gatewayApi('HTTPRouteRule', 'httproute_types.go'), gatewayApi('HTTPBackendRef', 'httproute_types.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'backend-exists', title: 'The backend of the rule exists', breaks: missing },
    { name: 'missing-weighs-nothing', title: 'The missing one of two backends has no weight', breaks: share },
    { name: 'missing-takes-all', title: 'The sound one of two backends has no weight', breaks: share },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const host = hostname();
    const nobody = { name: 'nobody', port: 8080 };
    const { noBackend } = policies.outcomes;
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ path: '/sound', to: echo.service })
      .rule({ path: '/missing', to: sabotaged('backend-exists') ? echo.service : nobody })
      .rule({
        path: '/shared',
        to: [
          { ...echo.service, weight: sabotaged('missing-takes-all') ? 0 : 1 },
          { ...nobody, weight: sabotaged('missing-weighs-nothing') ? 0 : 1 },
        ],
      });
    await apply(route);

    await expect.eventually(sound, async () => {
      await reached(await gateway.get('/sound', { host }), echo);
    });

    await expect.eventually(missing, async () => denied(await gateway.get('/missing', { host }), { ...noBackend, before: echo }));

    await expect.eventually(
      share,
      async () => {
        let served = 0;
        for (let count = 0; count < sent; count += 1) {
          const exchange = await gateway.get('/shared', { host });
          if (status(exchange, 200, noBackend.status).status === 200) {
            await reached(exchange, echo);
            served += 1;
          } else await denied(exchange, { ...noBackend, before: echo });
        }
        holds(served >= sent / 4 && served <= (sent * 3) / 4, `about half of ${sent} served`, served < sent / 4 ? 'fewer' : 'more');
      },
      { streak: 1 },
    );

    await expect.eventually(
      resolved,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), 'ResolvedRefs', { status: 'False', reason: 'BackendNotFound' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
