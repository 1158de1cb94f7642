// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { jwtPolicy } from '../../../fixtures/kgateway/jwt.ts';
import { jwks, tokenIssuer } from '../../../fixtures/tokens/issuer.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const replaced = (what: string) => `where the keys are ${what}, the route answers with the replacement, with a token and without`;
const status = (what: string) => `where the keys are ${what}, the policy says so`;

const wrongs: Readonly<Record<string, string>> = { 'no keys at all': 'x', 'an empty set': '{"keys":[]}', 'an empty object': '{}' };
const [first = ''] = Object.keys(wrongs);

export default defineCheck({
  id: 'jwt-bad-inline',
  title: 'Keys that cannot be read turn the route into an error',
  feature: 'validation.route-replacement',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/jwt.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: replaced(first) },
    { name: 'keys-readable', title: 'The keys can be read', breaks: replaced(first) },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const siblingHost = hostname('sibling');
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const rows = Object.entries(wrongs).map(([what, inline], index) => {
      const name = `wrong-${index}`;
      const route = httpRoute(name).on(gateway).host(hostname(name)).rule({ to: echo.service });
      const keys = sabotaged('keys-readable') ? jwks([issuer.publicKey]) : inline;
      return { what, host: hostname(name), route, ...jwtPolicy(name, route, { issuer: issuer.issuer, jwks: { local: { inline: keys } } }) };
    });
    await apply(...rows.map(({ extension }) => extension));
    await apply.subject(...rows.map(({ policy }) => policy));
    await apply(...rows.map(({ route }) => route), httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy } = policies.outcomes;
    const headers = { authorization: `Bearer ${await issuer.mint({ subject: 'alice', audience: 'gauntlet' })}` };

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    for (const { what, host, policy } of rows) {
      await expect.eventually(replaced(what), async () => {
        await denied(await gateway.get('/', { host, headers }), { ...brokenPolicy.answer, before: echo });
        await denied(await gateway.get('/', { host }), { ...brokenPolicy.answer, before: echo });
      });
      await expect.eventually(
        status(what),
        async () => {
          const message = 'failed to parse inline jwks';
          condition(await kube.get(referenceTo(policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
        },
        { within: budgets.status, streak: 1 },
      );
    }
  },
});
