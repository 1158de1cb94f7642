// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const enforced = 'a policy with a percentage refuses a request from a foreign origin';
const nothing = 'a policy that only lists origins refuses nothing';

const listed = [{ exact: 'shop.example.org' }];

export default defineCheck({
  id: 'csrf-no-percentage',
  title: 'A CSRF policy that states no percentage enforces nothing',
  feature: 'traffic.csrf',
  priority: 'P1',
  level: 'MAY',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/csrf_policy.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'percentage-stated', title: 'The policy states a percentage', breaks: nothing },
    { name: 'percentage-of-nothing', title: 'The other policy states a percentage of 0', breaks: enforced },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const hosts = { enforced: hostname('enforced'), nothing: hostname('nothing') };
    const routes = {
      enforced: httpRoute('enforced').on(gateway).host(hosts.enforced).rule({ to: echo.service }),
      nothing: httpRoute('nothing').on(gateway).host(hosts.nothing).rule({ to: echo.service }),
    };
    const stated = (percentageEnabled: number) => ({ csrf: { percentageEnabled, additionalOrigins: listed } });
    await apply(
      trafficPolicy('enforced', [routes.enforced], stated(sabotaged('percentage-of-nothing') ? 0 : 100)),
      trafficPolicy('nothing', [routes.nothing], sabotaged('percentage-stated') ? stated(100) : { csrf: { additionalOrigins: listed } }),
    );
    await apply(routes.enforced, routes.nothing);
    const post = (host: string) => gateway.send({ method: 'POST', host, headers: { origin: 'https://evil.test' } });

    await expect.eventually(enforced, async () => denied(await post(hosts.enforced), { ...policies.outcomes.csrfRefused, before: echo }));

    await expect.eventually(nothing, async () => {
      await reached(await post(hosts.nothing), echo);
    });
  },
});
