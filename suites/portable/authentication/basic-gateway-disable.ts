// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway as gatewayNamed } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';

const user = 'a user of the Gateway’s policy reaches the backend';
const without = 'a request without credentials is denied before the backend sees it';
const open = 'a request without credentials reaches the backend by the exempted route';
const stillClosed = 'the other route denies such a request as before';

export default defineCheck({
  id: 'basic-gateway-disable',
  title: 'A route is exempted from the Gateway’s basic authentication, and no other',
  feature: 'authentication.exemption',
  priority: 'P1',
  specification: [gep(2648), kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go')],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: without },
    { name: 'exemption-left-out', title: 'The route is not exempted', breaks: open },
    { name: 'both-exempted', title: 'The other route is exempted as well', breaks: stillClosed },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const [host, openHost] = [hostname(), hostname('open')];
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const edge = gatewayNamed('edge').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const own = await gateways.own(edge);
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    const exempted = httpRoute('open').on(own).host(openHost).rule({ to: echo.service });
    await policies.apply(policy.basicAuth(alice), edge, 'wide');
    await apply(route, exempted);
    const refused = { ...policies.outcomes.basicAuthRefused, before: echo };

    await expect.eventually(user, async () => {
      await reached(await own.get('/', { host, headers: { authorization: basicAuthorization(alice) } }), echo);
    });
    await expect.eventually(without, async () => {
      await denied(await own.get('/', { host }), refused);
      await denied(await own.get('/', { host: openHost }), refused);
    });

    if (!sabotaged('exemption-left-out')) await policies.apply(policy.exemption('basic-auth'), exempted, 'exemption');
    if (sabotaged('both-exempted')) await policies.apply(policy.exemption('basic-auth'), route, 'exemption-too');
    await expect.eventually(open, async () => {
      await reached(await own.get('/', { host: openHost }), echo);
    });
    await expect.consistently(stillClosed, async () => denied(await own.get('/', { host }), refused));
  },
});
