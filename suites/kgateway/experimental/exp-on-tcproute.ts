// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { reached } from '../../../harness/check/matchers.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';
import { tcpGateway } from './tcp-gateway.ts';

const served = 'a stream to the port for TCP reaches the backend as it is';

export default defineCheck({
  id: 'exp-on-tcproute',
  title: 'With the experimental gate on, a TCPRoute is served',
  feature: 'gateway.experimental-gate',
  priority: 'P1',
  specification: [gatewayApi('TCPProtocolType', 'gateway_types.go'), kgatewaySource('pkg/pluginsdk/collections/setup.go')],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: subjectLeftOut, title: 'There is no TCPRoute', breaks: served }],
  async run({ apply, expect, hostname, gateways, echo }) {
    const live = await gateways.own(tcpGateway);
    await apply.subject(tcpRoute('tcp', { gateway: live, listener: 'tcp', to: echo.service }));

    await expect.eventually(served, async () => {
      await reached(await live.get('/', { host: hostname(), freshConnection: true }, 'tcp'), echo);
    });
  },
});
