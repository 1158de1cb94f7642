// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { minutes, seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const within = 'a request within the limit reaches the backend';
const over = 'requests beyond the limit are refused before the backend sees them';
const others = 'another route, that comes afterwards, is served';
const kept = 'requests beyond the limit are still refused';

export default defineCheck({
  id: 'rl-local-kept',
  title: 'A limit is kept when another route of the gateway changes',
  feature: 'traffic.rate-limit',
  priority: 'P1',
  specification: [
    envoyDocs('Local rate limit', 'configuration/http/http_filters/local_rate_limit_filter'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
  ],
  requires: ['gateways', 'echo', 'otherEcho', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: over }],
  async run({ apply, expect, hostname, gateways, echo, otherEcho, policies }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const own = await gateways.own(gateway('limited').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const route = httpRoute('app').on(own).host(host).rule({ to: echo.service });
    await policies.apply(policy.localRateLimit(1, minutes(10)), route);
    await apply(route);
    const get = () => own.get('/', { host, freshConnection: true });
    const refused = async () => denied(await get(), { ...policies.outcomes.locallyRateLimited, before: echo });

    await expect.eventually(
      within,
      async () => {
        await reached(await get(), echo);
      },
      { streak: 1 },
    );
    await expect.eventually(over, refused);

    await apply(httpRoute('other').on(own).host(otherHost).rule({ to: otherEcho.service }));
    await expect.eventually(others, async () => {
      await reached(await own.get('/', { host: otherHost, freshConnection: true }), otherEcho);
    });
    await expect.consistently(kept, refused, { lasting: seconds(1) });
  },
});
