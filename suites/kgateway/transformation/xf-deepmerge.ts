// SPDX-License-Identifier: Apache-2.0
import { header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const both = 'the client sees what both policies set';

export default defineCheck({
  id: 'xf-deepmerge',
  title: 'Where transformations are merged deeply, those of two policies on a route add up',
  feature: 'policy.targeting',
  priority: 'P1',
  specification: [kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/merge.go')],
  installation: 'tuned',
  needs: ['rust-module'],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'older-left-out', title: 'The older policy is left out', breaks: both },
    { name: 'younger-left-out', title: 'The younger policy is left out', breaks: both },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const setting = (name: string) => ({ transformation: { response: { set: [{ name, value: 'set' }] } } });
    await apply(route);
    if (!sabotaged('older-left-out')) await apply(trafficPolicy('older', [route], setting('x-older')));
    if (!sabotaged('younger-left-out')) await apply(trafficPolicy('younger', [route], setting('x-younger')));

    await expect.eventually(both, async () => {
      const exchange = await gateway.get('/', { host });
      await reached(exchange, echo);
      header(exchange, 'x-older', 'set');
      header(exchange, 'x-younger', 'set');
    });
  },
});
