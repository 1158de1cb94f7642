// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend by the protected route';
const anonymous = 'a request without the credential is denied on the protected route';
const other = 'a request without the credential reaches the backend by another route, and nobody asks about it';

const headers = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-route-only',
  title: 'External authorization of a route asks about the requests of that route only',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/extauth_policy.go')],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'policy-on-both', title: 'The other route has the policy as well', breaks: other },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const otherRoute = httpRoute('other').on(gateway).host(otherHost).rule({ to: echo.service });
    const intent = policy.extAuth({ server: extAuth.service });
    await policies.apply(intent, route);
    if (sabotaged('policy-on-both')) await policies.apply(intent, otherRoute, 'both');
    await apply(route, otherRoute);

    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host, headers }), echo);
    });

    await expect.eventually(anonymous, async () =>
      denied(await gateway.get('/', { host }), { ...policies.outcomes.extAuthDenied, before: echo }),
    );

    await expect.eventually(other, async () => {
      const exchange = await gateway.get('/', { host: otherHost });
      await reached(exchange, echo);
      same('questions', (await extAuth.arrivals(exchange.id)).length, 0);
    });
  },
});
