// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sound = 'a route without a transformation serves';
const closed = 'a route with a valid transformation is closed, since strict validation cannot judge it';
const status = 'the policy says that it was not accepted';

export default defineCheck({
  id: 'xf-strict-rust',
  title: 'Strict validation, which does not know transformations, closes their routes instead of serving them without',
  feature: 'validation.modes',
  priority: 'P1',
  specification: [kgatewaySource('docs/guides/transformation.md')],
  installation: 'strict',
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: closed }],
  async run({ apply, expect, hostname, kube, namespace, budgets, gateway, echo, policies }) {
    const plain = httpRoute('plain').on(gateway).host(hostname('plain')).rule({ to: echo.service });
    const route = httpRoute('app').on(gateway).host(hostname()).rule({ to: echo.service });
    const policy = trafficPolicy('transformation', [route], { transformation: { request: { set: [{ name: 'x-set', value: 'set' }] } } });
    await apply(plain, route);
    await apply.subject(policy);
    const { answer, policy: policyCondition } = policies.outcomes.brokenPolicy;

    await expect.eventually(sound, async () => {
      await reached(await gateway.get('/', { host: hostname('plain') }), echo);
    });

    await expect.eventually(closed, async () => denied(await gateway.get('/', { host: hostname() }), { ...answer, before: echo }));

    await expect.eventually(
      status,
      async () => void condition(await kube.get(referenceTo(policy, namespace)), policyCondition.type, policyCondition),
      { within: budgets.status, streak: 1 },
    );
  },
});
