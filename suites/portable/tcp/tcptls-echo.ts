// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { body, holds, reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const served = 'what a client says over TLS reaches the backend in plain text, and its answer comes back';
const plain = 'a client without TLS gets nothing, and nothing of it reaches the backend';

export default defineCheck({
  id: 'tcptls-echo',
  title: 'A listener ends TLS and hands the plain stream to the backend of a TCPRoute, and takes none that comes without TLS',
  feature: 'routing.tcp-tls',
  specification: [
    gatewayApi('ListenerTLSConfig', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/gateway/testutils/inputs/tcp-routing/tls.yaml'),
  ],
  requires: ['gateways', 'tcpEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The TCPRoute is left out', breaks: served },
    { name: 'twin-without-tls', title: 'The second listener has no TLS', breaks: plain },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, tcpEcho }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    await apply(tlsSecret('server', await authority.issue({ name: host, usage: 'server' })));
    const twin = sabotaged('twin-without-tls') ? ({ protocol: 'TCP' } as const) : ({ protocol: 'TLS', certificates: ['server'] } as const);
    const own = await gateways.own(
      gateway('stream')
        .listener({ name: 'stream', port: 9443, protocol: 'TLS', certificates: ['server'] })
        .listener({ name: 'twin', port: 9444, ...twin }),
    );
    await apply.subject(
      tcpRoute('stream', { gateway: own, listener: 'stream', to: tcpEcho.service }),
      tcpRoute('twin', { gateway: own, listener: 'twin', to: tcpEcho.service }),
    );
    const tls = { ca: authority.certificate };

    await expect.eventually(served, async () => {
      const exchange = await own.send({ host, tls, tcp: 'hello' }, 'stream');
      const arrival = await reached(exchange, tcpEcho);
      body(exchange, 'tcp-echo: hello');
      holds(arrival.tls === undefined, 'plain text at the backend', 'TLS', exchange);
    });

    await expect.eventually(plain, async () => {
      for (const listener of ['stream', 'twin']) {
        await refused(await own.send({ tcp: 'hello' }, listener), { layers: ['connect', 'tcp'], before: tcpEcho });
      }
    });
  },
});
