// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, unreached } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { milliseconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route of the Gateway reaches the backend';
const allowed = 'a request with a token reaches the backend by each new route';
const anonymous = 'a request without a token is denied on each new route';
const closed = 'from its first moment on, no request without a token reaches the backend by a new route';

/** What may go wrong is a race between two updates of the proxy, so one route alone may miss it. */
const routes = 5;
const attackEvery = milliseconds(5);

export default defineCheck({
  id: 'jwt-created-live',
  title: 'A route whose policy was there before it is never open',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    envoyDocs('xDS: eventual consistency', 'api-docs/xds_protocol'),
  ],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policies are left out', breaks: anonymous }],
  async run({ apply, expect, hostname, gateways, echo, policies }) {
    const siblingHost = hostname('sibling');
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const own = await gateways.own(gateway('live').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    await apply(httpRoute('sibling').on(own).host(siblingHost).rule({ to: echo.service }));
    const headers = { authorization: `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}` };
    await expect.eventually(sibling, async () => {
      await reached(await own.get('/', { host: siblingHost }), echo);
    });

    const attacked: Exchange[] = [];
    for (let index = 0; index < routes; index += 1) {
      const name = `app-${index}`;
      const host = hostname(name);
      const route = httpRoute(name).on(own).host(host).rule({ to: echo.service });
      const { extension, policy } = jwtPolicy(name, route, {
        issuer: issuer.issuer,
        jwks: { local: { inline: jwks([issuer.publicKey]) } },
      });
      await using attack = own.attack({ host }, { every: attackEvery });
      await attack.until(1);
      await apply(extension);
      await apply.subject(policy);
      await apply(route);
      await expect.eventually(allowed, async () => {
        await reached(await own.get('/', { host, headers }), echo);
      });
      await expect.eventually(anonymous, async () =>
        denied(await own.get('/', { host }), { ...policies.outcomes.jwtMissing, before: echo }),
      );
      attacked.push(...(await attack.stop()).exchanges);
    }
    await expect.now(closed, () => unreached(attacked, echo));
  },
});
