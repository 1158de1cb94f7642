// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const anonymous = 'a request without the credential is denied, whatever it claims';
const chosen = 'the header that the server sets chooses the route';
const overruled = 'the header that the server sets chooses the route, whatever the client claims';

const credential = { 'x-ext-authz': 'allow' };
const claim = { 'x-tier': 'gold' };

export default defineCheck({
  id: 'extauth-spoofed-context',
  title: 'Where the authorization server chooses the route, a client cannot choose it',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go')],
  requires: ['gateway', 'echo', 'otherEcho', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'route-stays-chosen', title: 'The route is not chosen anew', breaks: chosen },
    { name: 'server-says-nothing', title: 'The server sets no header where the client claims one', breaks: overruled },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, otherEcho, extAuth, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ headers: claim, to: otherEcho.service }).rule({ to: echo.service });
    await policies.apply(policy.extAuth({ server: extAuth.service, reroute: !sabotaged('route-stays-chosen') }), route);
    await apply(route);
    const everywhere = [echo, otherEcho];

    await expect.eventually(anonymous, async () => {
      for (const headers of [{}, claim])
        await denied(await gateway.get('/', { host, headers }), { ...policies.outcomes.extAuthDenied, before: everywhere });
    });

    await extAuth.program({ addHeaders: claim });
    await expect.eventually(chosen, async () => {
      await reached(await gateway.get('/', { host, headers: credential }), otherEcho);
    });

    await extAuth.program({ addHeaders: sabotaged('server-says-nothing') ? {} : { 'x-tier': 'basic' } });
    await expect.eventually(overruled, async () => {
      const exchange = await gateway.get('/', { host, headers: { ...credential, ...claim } });
      header(await reached(exchange, echo), 'x-tier', 'basic');
    });
  },
});
