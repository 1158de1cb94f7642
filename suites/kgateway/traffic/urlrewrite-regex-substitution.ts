// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sound = 'a route whose substitution uses a capture that there is reaches the backend';
const replaced = 'a route whose substitution uses one that there is not gets the replacement answer, and does not reach the backend';
const others = 'a route that comes after it is served';

export default defineCheck({
  id: 'urlrewrite-regex-substitution',
  title: 'With strict validation, a rewrite that only the proxy can tell to be broken costs its own route and no other',
  feature: 'validation.modes',
  priority: 'P1',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/url_rewrite.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  installation: 'strict',
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'substitution-mended', title: 'The substitution uses a capture that there is', breaks: replaced },
    { name: 'both-broken', title: 'The other substitution is broken as well', breaks: sound },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const route = (name: string) => httpRoute(name).on(gateway).host(hostname(name)).rule({ to: echo.service });
    const routes = { sound: route('sound'), broken: route('broken') };
    const rewrite = (capture: number) => ({ urlRewrite: { pathRegex: { pattern: '^/(.*)$', substitution: `/\\${capture}` } } });
    await apply(
      trafficPolicy('sound', [routes.sound], rewrite(sabotaged('both-broken') ? 9 : 1)),
      trafficPolicy('broken', [routes.broken], rewrite(sabotaged('substitution-mended') ? 1 : 9)),
    );
    await apply(routes.sound, routes.broken);
    const get = (name: string) => gateway.get('/page', { host: hostname(name) });

    await expect.eventually(sound, async () => {
      await reached(await get('sound'), echo);
    });

    await expect.eventually(replaced, async () => denied(await get('broken'), { ...policies.outcomes.brokenPolicy.answer, before: echo }));

    await apply(route('next'));
    await expect.eventually(others, async () => {
      await reached(await get('next'), echo);
    });
  },
});
