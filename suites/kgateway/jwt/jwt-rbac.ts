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

const allowed = 'a request of the one whom the expression names reaches the backend';
const other = 'a request of another, with a sound token, is denied before the backend sees it';
const without = 'a request without a token is denied before the backend sees it';
const anonymous = 'where a token may be missing, a request without one is denied by the expression';
const broken = 'an expression that cannot be read turns the route into an error, and the policy says why';

const named = (email: string) => `metadata.filter_metadata['envoy.filters.http.jwt_authn']['payload']['email'] == '${email}'`;
const alice = 'alice@gauntlet.test';
const bob = 'bob@gauntlet.test';

export default defineCheck({
  id: 'jwt-rbac',
  title: 'An expression over the claims of a token decides who of its holders passes',
  feature: 'authentication.jwt',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/rbac.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: other },
    { name: 'both-named', title: 'The expressions name both', breaks: other },
    { name: 'no-expression', title: 'Where a token may be missing, there is no expression', breaks: anonymous },
    { name: 'expression-readable', title: 'The broken expression is a sound one', breaks: broken },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateway, echo, policies }) {
    const [host, laxHost, brokenHost] = [hostname(), hostname('lax'), hostname('broken')];
    const issuer = await tokenIssuer('https://issuer.gauntlet.test');
    const provider = { issuer: issuer.issuer, jwks: { local: { inline: jwks([issuer.publicKey]) } } };
    const routeTo = (name: string, at: string) => httpRoute(name).on(gateway).host(at).rule({ to: echo.service });
    const [route, laxRoute, brokenRoute] = [routeTo('app', host), routeTo('lax', laxHost), routeTo('broken', brokenHost)];
    const only = (...matchExpressions: string[]) => ({ rbac: { policy: { matchExpressions } } });
    const expression = only(named(alice), ...(sabotaged('both-named') ? [named(bob)] : []));
    const unreadable = jwtPolicy('broken', brokenRoute, provider, {
      more: only(sabotaged('expression-readable') ? named(alice) : 'request.headers['),
    });
    const rows = [
      jwtPolicy('tokens', route, provider, { more: expression }),
      jwtPolicy('lax', laxRoute, provider, { validationMode: 'AllowMissing', more: sabotaged('no-expression') ? {} : expression }),
      unreadable,
    ];
    await apply(...rows.map(({ extension }) => extension));
    await apply.subject(...rows.map(({ policy }) => policy));
    await apply(route, laxRoute, brokenRoute);
    const bearer = async (email: string) => ({
      authorization: `Bearer ${await issuer.mint({ subject: 'someone', audience: 'gauntlet', claims: { email } })}`,
    });
    const [hers, his] = await Promise.all([bearer(alice), bearer(bob)]);
    const { jwtMissing, brokenPolicy, authorizationRefused } = policies.outcomes;

    await expect.eventually(allowed, async () => {
      for (const at of [host, laxHost]) await reached(await gateway.get('/', { host: at, headers: hers }), echo);
    });

    await expect.eventually(other, async () =>
      denied(await gateway.get('/', { host, headers: his }), { ...authorizationRefused, before: echo }),
    );

    await expect.eventually(without, async () => denied(await gateway.get('/', { host }), { ...jwtMissing, before: echo }));

    await expect.eventually(anonymous, async () =>
      denied(await gateway.get('/', { host: laxHost }), { ...authorizationRefused, before: echo }),
    );

    await expect.eventually(broken, async () => {
      await denied(await gateway.get('/', { host: brokenHost, headers: hers }), { ...brokenPolicy.answer, before: echo });
      condition(await kube.get(referenceTo(unreadable.policy, namespace)), brokenPolicy.policy.type, brokenPolicy.policy);
    });
  },
});
