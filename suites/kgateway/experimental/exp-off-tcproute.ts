// SPDX-License-Identifier: Apache-2.0
import { reached, refused } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { tcpGateway } from './tcp-gateway.ts';

const own = 'the listener for HTTP serves';
const closed = 'nothing is served at the port for TCP';

export default defineCheck({
  id: 'exp-off-tcproute',
  title: 'With the experimental gate off, a TCPRoute is not served',
  feature: 'gateway.experimental-gate',
  priority: 'P1',
  installation: 'experimental-off',
  specification: [kgatewaySource('pkg/pluginsdk/collections/setup.go')],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: 'http-at-the-port', title: 'The listener at the port is one for HTTP with a route', breaks: closed }],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const open = gateway('tcp')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'tcp', port: 9000, protocol: 'HTTP' });
    const live = await gateways.own(sabotaged('http-at-the-port') ? open : tcpGateway);
    await apply(tcpRoute('tcp', { gateway: live, listener: 'tcp', to: echo.service }));
    await apply(httpRoute('app').on(live).host(host).rule({ to: echo.service }));

    await expect.eventually(own, async () => {
      await reached(await live.get('/', { host }), echo);
    });

    await expect.consistently(closed, async () =>
      refused(await live.get('/', { host, freshConnection: true }, 'tcp'), { layers: ['connect', 'http'], before: echo }),
    );
  },
});
