// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const asked = 'the server is asked about each request, and reaches its decision';
const apart = 'each descriptor of the policy is a limit of its own';

export default defineCheck({
  id: 'rl-multi-descriptor',
  title: 'Each descriptor of a rate limit policy is a limit of its own',
  feature: 'traffic.rate-limit',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/global_rate_limit_plugin.go'),
  ],
  requires: ['gateway', 'echo', 'rateLimit', 'policies'],
  sabotages: [{ name: subjectLeftOut, title: 'The policy is left out', breaks: asked }],
  async run({ apply, expect, hostname, gateway, echo, rateLimit, policies }) {
    const host = hostname();
    await rateLimit.program({ limits: [{ entries: [{ key: 'x-user' }], requests: 1 }] });
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(
      policy.globalRateLimit({
        server: rateLimit.service,
        domain: 'shop',
        by: [[{ header: 'x-user' }], [{ header: 'x-tenant' }]],
        onError: 'deny',
        timeout: seconds(2),
      }),
      route,
    );
    await apply(route);
    const send = (user: string) => gateway.get('/', { host, headers: { 'x-user': user, 'x-tenant': 'acme' } });

    await expect.eventually(asked, async () => {
      const user = randomUUID();
      const exchange = await send(user);
      await reached(exchange, echo);
      const questions = (await rateLimit.arrivals()).filter(({ descriptors }) => descriptors?.flat().some(({ value }) => value === user));
      holds(questions.length === 1, 'one question', `${questions.length} questions`, exchange);
    });

    await expect.eventually(
      apart,
      async () => {
        const user = randomUUID();
        await send(user);
        await denied(await send(user), { ...policies.outcomes.globallyRateLimited, before: echo });
      },
      // The policy is in force already.
      { within: seconds(3) },
    );
  },
});
