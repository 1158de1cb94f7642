// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { formatDuration, milliseconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const first = 'a route is served before the others come';
const last = 'of many routes that come at once, the last is served within the time that the standard gives a change';
const invalid = 'an invalid rule among them is still dropped';
const stillServed = 'the route that was there goes on to be served';

/** Each costs the controller two runs of Envoy, and so does each of the others whenever one changes. */
const routes = 25;

export default defineCheck({
  id: 'val-strict-load',
  title: 'Under strict validation, many routes at once are served in time, and none of them unvalidated',
  feature: 'validation.modes',
  level: 'SHOULD',
  priority: 'P1',
  installation: 'strict',
  // What it measures is a time, which other checks would take away from it.
  serial: true,
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/validate.go'),
    kgatewaySource('pkg/validator/validator.go'),
    gatewayApi('HTTPRoute', 'httproute_types.go'),
  ],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'last-left-out', title: 'The last route is never made', breaks: last },
    { name: 'expression-made-valid', title: 'The expression of the invalid rule is valid', breaks: invalid },
  ],
  async run({ apply, expect, hostname, kube, namespace, attach, sabotaged, budgets, gateway, echo }) {
    const host = hostname();
    await apply(httpRoute('first').on(gateway).host(host).rule({ to: echo.service }));
    const servesFirst = async () => {
      await reached(await gateway.get('/', { host }), echo);
    };
    await expect.eventually(first, servesFirst);

    const hosts = Array.from({ length: routes }, (_, index) => hostname(`r${index}`));
    const pathRegex = sabotaged('expression-made-valid') ? '/bad.*' : '/bad.*(';
    const many = hosts.map((one, index) =>
      httpRoute(`r${index}`).on(gateway).host(one).rule({ pathRegex, to: echo.service }).rule({ path: '/sound', to: echo.service }),
    );
    const started = performance.now();
    await apply(...(sabotaged('last-left-out') ? many.slice(0, -1) : many));
    await expect.eventually(last, async () => {
      await reached(await gateway.get('/sound', { host: hosts.at(-1) ?? '' }), echo);
    });
    const took = milliseconds(Math.round(performance.now() - started));
    attach('Time until the last of the routes was served', `${routes} routes in ${formatDuration(took)}`);

    await expect.eventually(invalid, async () =>
      denied(await gateway.get('/bad', { host: hosts.at(-1) ?? '' }), { status: 404, before: echo }),
    );
    await expect.eventually(stillServed, servesFirst);
    await expect.eventually(
      'and says so',
      async () => {
        for (const route of many)
          condition(await kube.get(referenceTo(route, namespace)), 'Accepted', { status: 'False', reason: 'RouteRuleDropped' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
