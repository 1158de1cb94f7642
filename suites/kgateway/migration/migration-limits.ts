// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { extensionRef } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { emitted, emittedGateway, emittedRoute } from './emitted.ts';

const small = 'proxy-body-size: a body that is small enough reaches the backend';
const large = 'proxy-body-size: a larger body is refused before the backend sees it';
const limited = 'limit-rpm: so many requests as the limit says reach the backend, and the next is refused';
const other = 'limit-rpm: another path of the host, which another Ingress has, is not limited';

const perMinute = 20;

export default defineCheck({
  id: 'migration-limits',
  title: 'An Ingress with limits of rate and size keeps them once it is migrated, for its own paths',
  feature: 'gateway.migration',
  priority: 'P1',
  specification: [emitted('golden.yaml')],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: large },
    { name: 'limit-doubled', title: 'The limit is twice as high', breaks: limited },
    { name: 'limit-everywhere', title: 'The other path has the policy as well', breaks: other },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const [host, sizeHost] = [hostname(), hostname('size')];
    const nginx = await gateways.own(emittedGateway([{ host }, { host: sizeHost }]));
    const tokens = sabotaged('limit-doubled') ? 2 * perMinute : perMinute;
    const rate = trafficPolicy('ingress-myservicea1', [], {
      rateLimit: { local: { tokenBucket: { fillInterval: '1m0s', maxTokens: tokens, tokensPerFill: tokens } } },
    });
    const sizeRoute = emittedRoute('ingress-myserviceb', sizeHost, nginx).rule({ to: echo.service });
    await apply.subject(rate, trafficPolicy('ingress-myserviceb', [sizeRoute], { buffer: { maxRequestSize: '1Ki' } }));
    const limitedBackend = [{ ...echo.service, filters: [extensionRef(rate)] }];
    await apply(
      emittedRoute('ingress-myservicea1', host, nginx)
        .rule({ path: '/', to: limitedBackend })
        .rule({ path: '/2', to: sabotaged('limit-everywhere') ? limitedBackend : echo.service }),
      sizeRoute,
    );
    const post = (bytes: number) => nginx.send({ method: 'POST', host: sizeHost, body: 'a'.repeat(bytes) });

    await expect.eventually(small, async () => {
      await reached(await post(512), echo);
    });
    await expect.eventually(large, async () => denied(await post(2048), { status: 413, before: echo }));

    // Counted over all attempts: the minute of the limit is not over before the check is.
    let passed = 0;
    await expect.eventually(
      limited,
      async () => {
        let last = await nginx.get('/', { host });
        for (; last.response?.status === 200; last = await nginx.get('/', { host })) passed += 1;
        await denied(last, { ...policies.outcomes.locallyRateLimited, before: echo });
        same('requests that passed', passed, perMinute);
      },
      { within: seconds(20), streak: 1 },
    );
    await expect.eventually(
      other,
      async () => {
        for (let sent = 0; sent <= perMinute; sent += 1) await reached(await nginx.get('/2', { host }), echo);
      },
      { streak: 1 },
    );
  },
});
