// SPDX-License-Identifier: Apache-2.0
import { milliseconds } from '../../../harness/units.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const open = 'before the policy, requests over a kept-alive connection reach the backend';
const fresh = 'with the policy, a request over a new connection is denied';
const existing = 'with the policy, requests over the connection from before are denied as well';

/** How many of the last requests over the connection count. */
const last = 5;

export default defineCheck({
  id: 'extauth-existing-connections',
  title: 'A policy that is added holds for connections that exist already',
  feature: 'authentication.ext-auth',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
    envoyDocs('Draining', 'intro/arch_overview/operations/draining'),
  ],
  requires: ['gateways', 'echo', 'extAuth', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: fresh }],
  async run({ apply, expect, hostname, gateways, echo, extAuth, policies }) {
    const host = hostname();
    // Its own: on a shared one a neighbour may have brought the filter before.
    const own = await gateways.own(gateway('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await apply(route);
    await expect.eventually('the route serves', async () => {
      await reached(await own.get('/', { host }), echo);
    });
    await using attack = own.attack({ host }, { fresh: 'never', concurrency: 1, every: milliseconds(100) });
    await attack.until(last);

    await expect.now(open, async () => {
      for (const exchange of attack.exchanges.slice(-last)) await reached(exchange, echo);
    });

    await policies.apply(policy.extAuth({ server: extAuth.service }), route);
    const answer = { ...policies.outcomes.extAuthDenied, before: echo };
    await expect.eventually(fresh, async () => denied(await own.get('/', { host }), answer));

    await expect.eventually(existing, async () => {
      await attack.until(last);
      const exchanges = attack.exchanges.slice(-last);
      holds(exchanges.length === last, `${last} requests over the connection`, String(exchanges.length));
      for (const exchange of exchanges) await denied(exchange, answer);
    });
  },
});
