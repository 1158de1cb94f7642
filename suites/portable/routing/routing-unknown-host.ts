// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi } from '../../specification.ts';

const known = 'a request to a known host reaches the backend';
const unknown = 'a request to an unknown host is answered with 404 and does not reach the backend';

export default defineCheck({
  id: 'routing-unknown-host',
  title: 'A request to a host that no route claims is answered with 404',
  feature: 'routing.http',
  specification: [gatewayApi('HTTPRouteSpec', 'httproute_types.go')],
  requires: ['gateway', 'echo'],
  sabotages: [{ name: 'route-claims-the-host', title: 'The route claims the unknown host as well', breaks: unknown }],
  async run({ apply, expect, hostname, sabotaged, gateway, echo }) {
    const host = hostname();
    const stranger = hostname('unknown');
    const hosts = sabotaged('route-claims-the-host') ? [host, stranger] : [host];
    await apply(
      httpRoute('app')
        .on(gateway)
        .host(...hosts)
        .rule({ to: echo.service }),
    );

    await expect.eventually(known, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    await expect.eventually(unknown, async () => denied(await gateway.get('/', { host: stranger }), { status: 404, before: echo }));
  },
});
