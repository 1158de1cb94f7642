// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { untilServed } from '../../../fixtures/gateways.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const missing = 'without the Secret that the policy names, no request reaches the backend, in the clear least of all';
const status = 'the policy whose Secret is missing says so, and the route stays accepted';

export default defineCheck({
  id: 'bcp-tls-missing-secret',
  title: 'Where the Secret for TLS to a backend is missing, nothing goes there in the clear',
  feature: 'tls.backend',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/tls.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: missing }],
  // kgateway 2.2.0 holds up the endpoints of all backends while the policy of one is invalid.
  serial: true,
  async run({ apply, defer, expect, hostname, kube, namespace, budgets, gateway, echo, policies }) {
    const host = hostname();
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const lacking = backendConfigPolicy('lacking', [service], { tls: { sni: 'backend.gauntlet.test', secretRef: { name: 'nowhere' } } });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await apply(route);
    // Clean-ups run last first: the policy goes, this waits, the route goes.
    defer(() => untilServed(gateway, host, budgets.status));

    // This backend does not speak TLS: what reaches it came in the clear.
    await apply.subject(lacking);
    const broken = policies.outcomes.backendPolicyBroken;
    await expect.eventually(missing, async () => denied(await gateway.get('/', { host }), { ...broken, before: echo }));
    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(lacking, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
        condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
