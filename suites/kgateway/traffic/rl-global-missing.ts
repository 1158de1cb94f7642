// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const replaced = 'a request to the route gets the replacement answer and does not reach the backend';
const status = 'the route and the policy say what is wrong';

export default defineCheck({
  id: 'rl-global-missing',
  title: 'A route whose policy names a rate limit provider that does not exist answers with an error',
  feature: 'traffic.rate-limit',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/global_rate_limit_plugin.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'rateLimit', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: replaced },
    { name: 'provider-present', title: 'The provider exists', breaks: replaced },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, rateLimit, policies }) {
    const host = hostname();
    const siblingHost = hostname('sibling');
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const limit = policy.globalRateLimit({ server: rateLimit.service, domain: 'shop', by: [[{ property: 'path' }]], timeout: seconds(1) });
    const rendered = policies.render(limit, route, 'missing');
    if (sabotaged('provider-present')) await apply(...rendered.supporting);
    await apply.subject(rendered.policy);
    await apply(route, httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy } = policies.outcomes;

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    await expect.eventually(replaced, async () => denied(await gateway.get('/', { host }), { ...brokenPolicy.answer, before: echo }));

    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), brokenPolicy.route.type, brokenPolicy.route);
        const message = `gateway extension ${namespace}/missing not found`;
        condition(await kube.get(referenceTo(rendered.policy, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
