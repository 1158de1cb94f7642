// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const protectedRoute = 'a request without credentials to the route with the policy is denied before the backend sees it';
const open = 'a request without credentials to a route without a policy reaches the backend';
const otherRule = 'a request without credentials to another rule of the protected route reaches the backend';

export default defineCheck({
  id: 'basic-comment-hash',
  title: 'Basic authentication of one rule asks nobody elsewhere on the listener',
  feature: 'authentication.basic',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: protectedRoute },
    { name: 'other-route-protected', title: 'The other route has the policy as well', breaks: open },
    { name: 'whole-route-protected', title: 'The policy targets the whole route', breaks: otherRule },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const [host, openHost] = [hostname(), hostname('open')];
    const users = policy.basicAuth({ user: 'alice', password: randomSecret() });
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ name: 'protected', path: '/protected', to: echo.service })
      .rule({ name: 'open', to: echo.service });
    const other = httpRoute('open').on(gateway).host(openHost).rule({ to: echo.service });
    await policies.apply(users, sabotaged('whole-route-protected') ? route : { resource: route, sectionName: 'protected' });
    if (sabotaged('other-route-protected')) await policies.apply(users, other, 'other');
    await apply(route, other);

    await expect.eventually(protectedRoute, async () =>
      denied(await gateway.get('/protected', { host }), { ...policies.outcomes.basicAuthRefused, before: echo }),
    );
    await expect.eventually(open, async () => {
      await reached(await gateway.get('/', { host: openHost }), echo);
    });
    await expect.eventually(otherRule, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });
  },
});
