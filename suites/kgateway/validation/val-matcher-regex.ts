// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sibling = 'requests to the other rule and to another route reach the backend';
const dropped = 'a request to the rule with the invalid expression finds no route';
const status = 'the route says that the rule was dropped';

export default defineCheck({
  id: 'val-matcher-regex',
  title: 'Under strict validation, a rule whose expression the proxy cannot read is dropped, and no other',
  feature: 'validation.modes',
  installation: 'strict',
  specification: [gatewayApi('HTTPPathMatch', 'httproute_types.go'), kgatewaySource('pkg/kgateway/translator/irtranslator/route.go')],
  requires: ['gateway', 'echo'],
  sabotages: [{ name: 'expression-made-valid', title: 'The expression is valid', breaks: dropped }],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo }) {
    const [host, otherHost] = [hostname(), hostname('other')];
    const route = httpRoute('app')
      .on(gateway)
      .host(host)
      .rule({ pathRegex: sabotaged('expression-made-valid') ? '/bad.*' : '/bad.*(', to: echo.service })
      .rule({ path: '/sound', to: echo.service });
    await apply(route, httpRoute('other').on(gateway).host(otherHost).rule({ to: echo.service }));

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/sound', { host }), echo);
      await reached(await gateway.get('/', { host: otherHost }), echo);
    });

    await expect.eventually(dropped, async () => denied(await gateway.get('/bad', { host }), { status: 404, before: echo }));

    await expect.eventually(
      status,
      async () => {
        condition(await kube.get(referenceTo(route, namespace)), 'Accepted', { status: 'False', reason: 'RouteRuleDropped' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
