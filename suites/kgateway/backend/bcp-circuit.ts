// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, holds, outcome, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const alone = 'requests one after the other reach the backend';
const limited = 'of many at once as many reach the backend as the policy says, and the others are refused as overload';
const after = 'once they are answered, requests reach the backend again';

const limit = 2;
const flood = 8;

export default defineCheck({
  id: 'bcp-circuit',
  title: 'No more requests are under way to a backend at once than its policy allows',
  feature: 'backend.resilience',
  priority: 'P1',
  specification: [
    envoyDocs('Circuit breaking', 'intro/arch_overview/upstream/circuit_breaking'),
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/circuitbreakers.go'),
  ],
  // Over HTTP/2, since a limit on requests does not apply to HTTP/1.1, where connections are counted instead.
  requires: ['gateway', 'h2cEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: limited },
    { name: 'one-more', title: 'The policy allows one more', breaks: limited },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, h2cEcho: echo }) {
    const host = hostname();
    await echo.program({ answerPerRequest: true });
    await apply.subject(
      backendConfigPolicy('circuit', [{ apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } }], {
        circuitBreakers: { maxRequests: sabotaged('one-more') ? limit + 1 : limit },
      }),
    );
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: echo.service }));
    const slow = { 'x-gauntlet-answer': JSON.stringify({ delayMs: seconds(1).ms }) };
    const oneAfterTheOther = async () => {
      for (let count = 0; count <= limit; count += 1) await reached(await gateway.get('/', { host }), echo);
    };

    await expect.eventually(alone, oneAfterTheOther);

    await expect.eventually(
      limited,
      async () => {
        const exchanges = await Promise.all(Array.from({ length: flood }, () => gateway.get('/', { host, headers: slow })));
        const refused = exchanges.filter(({ response }) => response?.status !== 200);
        for (const exchange of refused) {
          holds(exchange.response?.status === 503, '503', outcome(exchange), exchange);
          await denied(exchange, { status: 503, before: echo });
          header(exchange, 'x-envoy-overloaded', 'true');
        }
        holds(refused.length === flood - limit, `${flood - limit} of ${flood} refused`, `${refused.length} refused`, exchanges[0]);
      },
      { streak: 1 },
    );

    await expect.eventually(after, oneAfterTheOther);
  },
});
