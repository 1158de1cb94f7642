// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, outcome, reached, unreached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const closed = 'a request without a token, or with a token of another key, is denied before the backend sees it';
const passes = 'a request with a token of the issuer reaches the backend';

export default defineCheck({
  id: 'jwt-cross-ns-ge',
  title: 'A policy names a provider of tokens in another namespace: its tokens pass, and nothing else does',
  feature: 'authentication.jwt',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/jwt_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/gateway_extension.go'),
  ],
  requires: ['gateway', 'echo'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: closed }],
  async run({ apply, expect, hostname, namespace, gateway, echo }) {
    const [host, siblingHost] = [hostname(), hostname('sibling')];
    const name = 'https://issuer.gauntlet.test';
    const [issuer, attacker] = await Promise.all([tokenIssuer(name), tokenIssuer(name)]);
    const other = namespaceBeside(namespace, 'other');
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const { extension } = jwtPolicy('tokens', route, { issuer: name, jwks: { local: { inline: jwks([issuer.publicKey]) } } });
    const elsewhere = { ...extension, metadata: { ...extension.metadata, namespace: other.metadata.name } };
    const policy = trafficPolicy('policy', [route], { jwtAuth: { extensionRef: { name: 'tokens', namespace: other.metadata.name } } });
    // Whether the release asks for a grant or not: there is one.
    const grant = referenceGrant('tokens', { group: groupOf(policy), kind: policy.kind, namespace }, elsewhere);
    await apply(other, elsewhere, grant);
    await apply.subject(policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const who = { subject: 'alice', audience: 'gauntlet' };
    const bearer = async (by: typeof issuer) => ({ authorization: `Bearer ${await by.mint(who)}` });
    const [sound, forged] = await Promise.all([bearer(issuer), bearer(attacker)]);

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    await expect.eventually(closed, async () => {
      const exchanges = [await gateway.get('/', { host }), await gateway.get('/', { host, headers: forged })];
      await unreached(exchanges, echo);
      for (const exchange of exchanges) {
        holds([401, 403, 500].includes(exchange.response?.status ?? 0), 'a denial', outcome(exchange), exchange);
      }
    });

    await expect.eventually(
      passes,
      async () => {
        await reached(await gateway.get('/', { host, headers: sound }), echo);
      },
      { within: seconds(10) },
    );
  },
});
