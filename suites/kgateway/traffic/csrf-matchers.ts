// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

/** Ways to name origins, with one that fits and one that nearly does. */
const matchers = [
  { kind: 'a suffix', matcher: { suffix: '.routetest.test' }, fits: 'a.routetest.test', misses: 'a.routetest.test.evil.test' },
  { kind: 'a prefix', matcher: { prefix: 'app-' }, fits: 'app-1.test', misses: 'evil-app-1.test' },
  { kind: 'a part', matcher: { contains: 'partner' }, fits: 'our-partner.test', misses: 'our-part-ner.test' },
  { kind: 'an expression', matcher: { safeRegex: 'node-[0-9]+\\.test' }, fits: 'node-12.test', misses: 'node-12.test.evil.test' },
  { kind: 'a name in any case', matcher: { exact: 'CASE.test', ignoreCase: true }, fits: 'case.TEST', misses: 'case.test.evil.test' },
] as const;

const passes = (kind: string) => `a request from an origin that fits ${kind} reaches the backend`;
const refused = (kind: string) => `one from an origin that nearly fits ${kind} is refused before the backend sees it`;

export default defineCheck({
  id: 'csrf-matchers',
  title: 'Further origins of a CSRF policy are named by suffix, prefix, part or expression, and nothing else fits',
  feature: 'traffic.csrf',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/shared/string_matcher.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/csrf_policy.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: refused('a suffix') },
    { name: 'every-origin-fits', title: 'The policy has an expression that fits every origin', breaks: refused('a suffix') },
    { name: 'no-origin-named', title: 'The policy names no origin', breaks: passes('a suffix') },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const additionalOrigins = sabotaged('every-origin-fits') ? [{ safeRegex: '.*' }] : matchers.map(({ matcher }) => matcher);
    await apply.subject(
      trafficPolicy('csrf', [route], {
        csrf: { percentageEnabled: 100, ...(sabotaged('no-origin-named') ? {} : { additionalOrigins }) },
      }),
    );
    await apply(route);
    const post = (from: string) => gateway.send({ method: 'POST', host, headers: { origin: `https://${from}` } });

    for (const { kind, fits, misses } of matchers) {
      await expect.eventually(refused(kind), async () => denied(await post(misses), { ...policies.outcomes.csrfRefused, before: echo }));
      await expect.eventually(passes(kind), async () => {
        await reached(await post(fits), echo);
      });
    }
  },
});
