// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request with a token reaches the backend by the protected route';
const exempt = 'a request without a token reaches the backend by the exempted route';
const anonymous = 'a request without a token is denied on the protected route';
const stays = 'the protected route stays protected beside the exempted one';

export default defineCheck({
  id: 'jwt-disable',
  title: 'A route exempts itself from the tokens that its Gateway asks for, and no other route',
  feature: 'authentication.exemption',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
  ],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy of the Gateway is left out', breaks: anonymous },
    { name: 'exemption-left-out', title: 'No route exempts itself', breaks: exempt },
    { name: 'exemption-for-all', title: 'The other route exempts itself as well', breaks: anonymous },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const [host, openHost] = [hostname(), hostname('open')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const own = await gateways.own(gateway('guarded').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    const openRoute = httpRoute('open').on(own).host(openHost).rule({ to: echo.service });
    await policies.apply(policy.jwt({ issuer: issuer.issuer, audiences: [], jwks: jwks([issuer.publicKey]) }), own.resource);
    const exempted = [...(sabotaged('exemption-left-out') ? [] : [openRoute]), ...(sabotaged('exemption-for-all') ? [route] : [])];
    for (const one of exempted) {
      await apply(policies.render(policy.exemption('jwt'), one, `exempt-${one.metadata.name}`).policy);
    }
    await apply(route, openRoute);
    const headers = { authorization: `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}` };
    const isDenied = async () => denied(await own.get('/', { host }), { ...policies.outcomes.jwtMissing, before: echo });

    await expect.eventually(allowed, async () => {
      await reached(await own.get('/', { host, headers }), echo);
    });

    await expect.eventually(anonymous, isDenied);

    await expect.eventually(exempt, async () => {
      await reached(await own.get('/', { host: openHost }), echo);
    });

    await expect.consistently(stays, isDenied);
  },
});
