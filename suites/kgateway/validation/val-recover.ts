// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { basicAuthorization, htpasswdLine } from '../../../fixtures/passwords/passwords.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const replaced = 'a request gets the replacement answer while the policy is invalid';
const saidSo = 'the route and the policy say so';
const recovered = 'once the policy is right, a request with the credential reaches the backend, and one without is denied';
const saidRight = 'the route and the policy are accepted again';
const sameProxies = 'the proxies are the same as before, and none has restarted';

/** The hash is of a kind that Envoy does not read; nobody’s password. */
const unreadable = 'alice:$2y$05$WVtzqcZhDoHZ1Lx0b5yKSe4SNvqgX4yxtHC6xGQ0fnNPQxDWQS7Ny';
const alice = { user: 'alice', password: 'password' };

export default defineCheck({
  id: 'val-recover',
  title: 'Once an invalid policy is corrected, its route serves again with the policy, by the same proxies',
  feature: 'validation.route-replacement',
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go'),
  ],
  requires: ['gateway', 'echo', 'policies', 'proxies'],
  sabotages: [
    { name: 'valid-from-the-start', title: 'The policy is valid from the start', breaks: replaced },
    { name: 'never-corrected', title: 'The policy stays as it is', breaks: recovered },
    { name: 'policy-deleted-instead', title: 'The policy is deleted instead', breaks: recovered },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies, proxies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const withUser = (line: string) => trafficPolicy('auth', [route], { basicAuth: { users: [line] } });
    const readable = htpasswdLine(alice);
    const broken = withUser(sabotaged('valid-from-the-start') ? readable : unreadable);
    await apply(broken, route);
    const { answer, route: routeCondition, policy: policyCondition } = policies.outcomes.brokenPolicy;
    const identities = async () => (await proxies.pods(gateway)).map(identity).join('; ');
    const before = await identities();

    await expect.eventually(replaced, async () => denied(await gateway.get('/', { host }), { ...answer, before: echo }));
    await expect.eventually(
      saidSo,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), routeCondition.type, routeCondition);
        condition(await kube.get(referenceTo(broken, namespace)), policyCondition.type, policyCondition);
      },
      { within: budgets.status, streak: 1 },
    );

    if (sabotaged('policy-deleted-instead')) await kube.remove(referenceTo(broken, namespace));
    else if (!sabotaged('never-corrected')) await apply(withUser(readable));
    await expect.eventually(recovered, async () => {
      await reached(await gateway.get('/', { host, headers: { authorization: basicAuthorization(alice) } }), echo);
      await denied(await gateway.get('/', { host }), { ...policies.outcomes.basicAuthRefused, before: echo });
    });
    await expect.eventually(
      saidRight,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
        condition(await kube.get(referenceTo(broken, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );
    await expect.now(sameProxies, async () => same('proxies', await identities(), before));
  },
});

/** Tells a proxy from its successor, and from itself after a restart. */
function identity({ metadata, status }: Resource): string {
  const { containerStatuses = [] } = status as { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  return `${metadata.uid ?? ''}, ${containerStatuses.map(({ restartCount }) => restartCount).join()} restarts`;
}
