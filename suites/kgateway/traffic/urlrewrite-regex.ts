// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const rewritten = 'the backend sees the path that the expression makes of the request’s, and the query as it was';
const unmatched = 'a path that the expression does not match stays as it is';
const replaced = 'a route whose expression is none gets the replacement answer and does not reach the backend';
const status = 'the route and the policy say what is wrong';

const pattern = '^/api/v([0-9]+)/(.*)$';
const substitution = '/\\2/of-version-\\1';

export default defineCheck({
  id: 'urlrewrite-regex',
  title: 'A path is rewritten as an expression with captures says, and an expression that is none is not served',
  feature: 'routing.rewrites',
  priority: 'P1',
  specification: [
    envoyDocs('RouteAction: regex_rewrite', 'api-v3/config/route/v3/route_components.proto'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/url_rewrite.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: rewritten },
    { name: 'captures-swapped', title: 'The captures are used the other way round', breaks: rewritten },
    { name: 'rewrites-everything', title: 'The expression matches every path', breaks: unmatched },
    { name: 'expression-mended', title: 'The broken expression is one', breaks: replaced },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const hosts = { sound: hostname(), broken: hostname('broken') };
    const route = httpRoute('sound').on(gateway).host(hosts.sound).rule({ to: echo.service });
    const brokenRoute = httpRoute('broken').on(gateway).host(hosts.broken).rule({ to: echo.service });
    const pathRegex = sabotaged('captures-swapped') ? { pattern, substitution: '/\\1/of-version-\\2' } : { pattern, substitution };
    await apply.subject(
      trafficPolicy('sound', [route], {
        urlRewrite: {
          pathRegex: sabotaged('rewrites-everything') ? { pattern: '^/.*/(.*)$', substitution: '/\\1/of-version-7' } : pathRegex,
        },
      }),
    );
    const broken = trafficPolicy('broken', [brokenRoute], {
      urlRewrite: { pathRegex: { pattern: sabotaged('expression-mended') ? pattern : '^/(', substitution: '/' } },
    });
    await apply(broken);
    await apply(route, brokenRoute);
    const seen = async (path: string, wanted: string) => {
      const exchange = await gateway.get(path, { host: hosts.sound });
      const { path: actual } = await reached(exchange, echo);
      holds(actual === wanted, `path ${wanted}`, `path ${actual}`, exchange);
    };
    const { brokenPolicy } = policies.outcomes;

    await expect.eventually(rewritten, () => seen('/api/v7/items?q=1', '/items/of-version-7?q=1'));
    await expect.eventually(unmatched, () => seen('/other/v7', '/other/v7'));
    await expect.eventually(replaced, async () =>
      denied(await gateway.get('/a', { host: hosts.broken }), { ...brokenPolicy.answer, before: echo }),
    );

    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(brokenRoute, namespace)), brokenPolicy.route.type, brokenPolicy.route);
        const message = 'invalid regex pattern';
        condition(await kube.get(referenceTo(broken, namespace)), brokenPolicy.policy.type, { ...brokenPolicy.policy, message });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
