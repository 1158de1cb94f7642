// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { holds, reached } from '../../../harness/check/matchers.ts';
import type { LiveGateway } from '../../../fixtures/gateways.ts';
import { seconds } from '../../../harness/units.ts';
import type { EchoDescription } from '../../../mocks/echo/behaviour.ts';
import type { Echo } from '../../../mocks/peers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { notAdmitted } from '../../admission.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';

const spoken = 'a backend that is said to speak HTTP/2 is spoken to so';
const options = 'its policy’s options for HTTP/2 are kept: one request at a time on a connection';
const plain = 'a backend that is not is spoken to by HTTP/1.1, whatever its policy says of HTTP/2';
const admission = 'options for HTTP/1 and for HTTP/2 in one policy are refused when it is applied';

const flood = 6;

export default defineCheck({
  id: 'bcp-http2',
  title: 'A backend is spoken to by HTTP/2 when its Service says so, with the options of its policy',
  feature: 'backend.protocol',
  priority: 'P1',
  specification: [
    gep(1911),
    kgatewaySource('api/v1alpha1/kgateway/backend_config_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/backendconfigpolicy/protocoloptions.go'),
  ],
  requires: ['gateway', 'echo', 'h2cEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: options },
    { name: 'plain-backend', title: 'The route goes to the backend that is not said to speak HTTP/2', breaks: spoken },
    { name: 'other-backend', title: 'The other route goes to the backend that is said to', breaks: plain },
    { name: 'one-protocol-only', title: 'The policy has options for one protocol only', breaks: admission },
  ],
  async run(context) {
    const { apply, expect, hostname, sabotaged, gateway, echo, h2cEcho } = context;
    const hosts = { h2: hostname('h2'), plain: hostname('plain') };
    const service = ({ service: { name } }: Echo) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } });
    const http2ProtocolOptions = { maxConcurrentStreams: 1 };
    await h2cEcho.program({ answerPerRequest: true });
    await apply.subject(
      backendConfigPolicy('h2', [service(h2cEcho)], { http2ProtocolOptions }),
      backendConfigPolicy('plain', [service(echo)], { http2ProtocolOptions }),
    );
    const [toH2, toPlain] = [sabotaged('plain-backend') ? echo : h2cEcho, sabotaged('other-backend') ? h2cEcho : echo];
    await apply(
      httpRoute('h2').on(gateway).host(hosts.h2).rule({ to: toH2.service }),
      httpRoute('plain').on(gateway).host(hosts.plain).rule({ to: toPlain.service }),
    );

    await expect.eventually(spoken, () => speaks(gateway, hosts.h2, toH2, 'HTTP/2.0'));

    await expect.eventually(
      options,
      async () => {
        const before = await h2cEcho.connections();
        const headers = { 'x-gauntlet-answer': JSON.stringify({ delayMs: seconds(1).ms }) };
        const exchanges = await Promise.all(Array.from({ length: flood }, () => gateway.get('/', { host: hosts.h2, headers })));
        for (const exchange of exchanges) await reached(exchange, h2cEcho);
        const connections = await h2cEcho.connections();
        holds(connections >= flood, `${flood} connections for ${flood} requests at once`, `${connections - before} more than ${before}`);
      },
      { streak: 1 },
    );

    await expect.eventually(plain, () => speaks(gateway, hosts.plain, toPlain, 'HTTP/1.1'));

    await expect.now(admission, async () => {
      const http1 = sabotaged('one-protocol-only') ? {} : { http1ProtocolOptions: { enableTrailers: true } };
      await notAdmitted(
        context,
        backendConfigPolicy('two', [service(echo)], { http2ProtocolOptions, ...http1 }),
        'at most one of the fields',
      );
    });
  },
});

/** Holds when the backend says that it was spoken to like this. */
async function speaks(gateway: LiveGateway, host: string, backend: Echo, protocol: EchoDescription['protocol']): Promise<void> {
  const exchange = await gateway.get('/', { host });
  await reached(exchange, backend);
  const description = JSON.parse(exchange.response?.body ?? '') as EchoDescription;
  holds(description.protocol === protocol, protocol, description.protocol, exchange);
}
