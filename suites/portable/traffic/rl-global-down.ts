// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { milliseconds } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const up = 'while the server is up it decides for every route';
const passes = 'while it is up and lets requests pass, they reach the backend';
const closed = (fault: string) => `while it ${fault}, requests of the route that is closed on errors do not reach the backend`;
const open = (fault: string) => `while it ${fault}, requests of the route that says nothing about errors reach the backend`;
const back = 'once it is back, it decides again';

const faults = { 'refuses connections': 'refuse', 'does not answer': 'hang' } as const;

export default defineCheck({
  id: 'rl-global-down',
  title: 'A route that is closed on errors refuses while the rate limit server cannot be asked; one that says nothing goes on',
  feature: 'traffic.rate-limit',
  specification: [
    envoyDocs('Rate limit: failure_mode_deny', 'api-v3/extensions/filters/http/ratelimit/v3/rate_limit.proto'),
    kgatewaySource('api/v1alpha1/kgateway/gateway_extensions_types.go'),
  ],
  requires: ['gateway', 'echo', 'rateLimit', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: up },
    { name: 'fails-open', title: 'The closed route is open on errors', breaks: closed('refuses connections') },
    { name: 'fails-closed', title: 'The open route is closed on errors', breaks: open('refuses connections') },
    { name: 'server-stays-up', title: 'The server is not taken down', breaks: closed('refuses connections') },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, rateLimit, policies }) {
    const hosts = { closed: hostname('closed'), open: hostname('open') };
    const limit = { server: rateLimit.service, domain: 'shop', by: [[{ property: 'path' }]], timeout: milliseconds(500) } as const;
    const routes = {
      closed: httpRoute('closed').on(gateway).host(hosts.closed).rule({ to: echo.service }),
      open: httpRoute('open').on(gateway).host(hosts.open).rule({ to: echo.service }),
    };
    await policies.apply(
      policy.globalRateLimit({ ...limit, onError: sabotaged('fails-open') ? 'allow' : 'deny' }),
      routes.closed,
      'closed',
    );
    await policies.apply(
      policy.globalRateLimit({ ...limit, ...(sabotaged('fails-closed') ? { onError: 'deny' } : {}) }),
      routes.open,
      'open',
    );
    await apply(routes.closed, routes.open);
    const send = (which: 'closed' | 'open') => gateway.get('/', { host: hosts[which] });
    const { globallyRateLimited, rateLimitUnavailable } = policies.outcomes;

    await expect.eventually(passes, async () => {
      await reached(await send('closed'), echo);
      await reached(await send('open'), echo);
    });

    const decides = async () => {
      await denied(await send('closed'), { ...globallyRateLimited, before: echo });
      await denied(await send('open'), { ...globallyRateLimited, before: echo });
    };
    await rateLimit.program({ always: 'over-limit' });
    await expect.eventually(up, decides);

    await rateLimit.program({});
    for (const [words, fault] of Object.entries(faults)) {
      if (!sabotaged('server-stays-up')) await rateLimit.fault(fault);
      await expect.eventually(closed(words), async () => denied(await send('closed'), { ...rateLimitUnavailable, before: echo }));
      await expect.eventually(open(words), async () => {
        await reached(await send('open'), echo);
      });
    }

    await rateLimit.fault('none');
    await rateLimit.program({ always: 'over-limit' });
    await expect.eventually(back, decides);
  },
});
