// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { conditionsOf } from '../../../harness/check/conditions.ts';
import { holds, outcome, reached, unreached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route of the Gateway reaches the backend';
const told = 'the policy says that it is invalid, or the controller counts a rejection of the listener';
const served = 'the other route is still served';
const closed = 'no request to the route reaches the backend, with a token or without';

export default defineCheck({
  id: 'jwt-no-providers',
  title: 'A policy that asks for tokens of nobody lets nobody pass',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    envoyDocs('JWT authentication: JwtRequirement', 'api-v3/extensions/filters/http/jwt_authn/v3/config.proto'),
  ],
  requires: ['gateways', 'echo', 'controllerMetrics'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: told }],
  async run({ apply, expect, hostname, kube, namespace, budgets, gateways, echo, controllerMetrics }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    // A listener that the proxy rejects would be everyone's.
    const own = await gateways.own(gateway('nobody').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await apply(httpRoute('sibling').on(own).host(siblingHost).rule({ to: echo.service }));
    const servesSibling = async () => {
      await reached(await own.get('/', { host: siblingHost }), echo);
    };
    await expect.eventually(sibling, servesSibling);

    await apply(gatewayExtension('nobody', { jwt: { providers: [] } }));
    const policy = trafficPolicy('policy', [route], { jwtAuth: { extensionRef: { name: 'nobody' } } });
    await apply.subject(policy);
    await apply(route);
    const headers = { authorization: `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}` };

    await expect.eventually(
      told,
      async () => {
        const conditions = conditionsOf(await kube.get(referenceTo(policy, namespace)));
        const invalid = conditions.some(({ type, status }) => type === 'Accepted' && status === 'False');
        const of = { gateway_namespace: namespace, gateway_name: own.name };
        const rejections = await controllerMetrics.sum('kgateway_envoy_xds_rejects_total', of);
        holds(invalid || rejections > 0, 'a word of it', 'no rejection, and a policy that is not invalid');
      },
      { within: budgets.status, streak: 1 },
    );

    await expect.eventually(served, servesSibling);

    await expect.eventually(
      closed,
      async () => {
        const exchanges = [await own.get('/', { host }), await own.get('/', { host, headers })];
        await unreached(exchanges, echo);
        for (const exchange of exchanges) {
          holds([401, 403, 500].includes(exchange.response?.status ?? 0), 'a denial', outcome(exchange), exchange);
        }
      },
      { within: seconds(10) },
    );
  },
});
