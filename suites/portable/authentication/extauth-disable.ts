// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend by the protected route';
const exempt = 'a request without the credential reaches the backend by the exempted route, and nobody asks about it';
const anonymous = 'a request without the credential is denied on the protected route';
const stays = 'the protected route stays protected beside the exempted one';

const headers = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-disable',
  title: 'A route exempts itself from the external authorization of its Gateway, and no other route',
  feature: 'authentication.exemption',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/extauth_policy.go'),
  ],
  requires: ['gateways', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the Gateway is left out', breaks: anonymous },
    { name: 'exemption-left-out', title: 'No route exempts itself', breaks: exempt },
    { name: 'exemption-for-all', title: 'The other route exempts itself as well', breaks: anonymous },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, extAuth, policies }) {
    const [host, openHost] = [hostname(), hostname('open')];
    const own = await gateways.own(gateway('guarded').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    const openRoute = httpRoute('open').on(own).host(openHost).rule({ to: echo.service });
    await policies.apply(policy.extAuth({ server: extAuth.service }), own.resource);
    const exempted = [...(sabotaged('exemption-left-out') ? [] : [openRoute]), ...(sabotaged('exemption-for-all') ? [route] : [])];
    for (const one of exempted) {
      await apply(policies.render(policy.exemption('ext-auth'), one, `exempt-${one.metadata.name}`).policy);
    }
    await apply(route, openRoute);
    const { extAuthDenied } = policies.outcomes;
    const isDenied = async () => denied(await own.get('/', { host }), { ...extAuthDenied, before: echo });

    await expect.eventually(allowed, async () => {
      await reached(await own.get('/', { host, headers }), echo);
    });

    await expect.eventually(anonymous, isDenied);

    await expect.eventually(exempt, async () => {
      const exchange = await own.get('/', { host: openHost });
      await reached(exchange, echo);
      same('questions', (await extAuth.arrivals(exchange.id)).length, 0);
    });

    await expect.consistently(stays, isDenied);
  },
});
