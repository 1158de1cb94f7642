// SPDX-License-Identifier: Apache-2.0
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const matched = 'a request without the header matches the route that asks for it, for the listener added it';
const unmatched = 'on a port without the policy the same request matches nothing';

export default defineCheck({
  id: 'early-route-match',
  title: 'A header that the listener adds takes part in matching routes',
  feature: 'listener.early-headers',
  specification: [kgatewaySource('test/e2e/features/listener_policy/testdata/listener-policy-early-header-route-match.yaml')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: matched },
    { name: 'on-every-port', title: 'The header is added on every port', breaks: unmatched },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const edge = gateway('early')
      .listener({ name: 'adds', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'plain', port: 8180, protocol: 'HTTP' });
    const listener = { httpSettings: { earlyRequestHeaderModifier: { add: [{ name: 'x-route-match', value: 'allow' }] } } };
    const policy = listenerPolicy(
      'early',
      [edge],
      sabotaged('on-every-port') ? { default: listener } : { perPort: [{ port: 8080, listener }] },
    );
    if (!sabotaged('policy-left-out')) await apply(policy);
    const own = await gateways.own(edge);
    await apply(
      httpRoute('app')
        .on(own)
        .host(host)
        .rule({ headers: { 'x-route-match': 'allow' }, to: echo.service }),
    );

    await expect.eventually(matched, async () =>
      header(await reached(await own.get('/', { host }, 'adds'), echo), 'x-route-match', 'allow'),
    );
    await expect.eventually(unmatched, async () => denied(await own.get('/', { host }, 'plain'), { status: 404, before: echo }));
  },
});
