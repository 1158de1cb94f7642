// SPDX-License-Identifier: Apache-2.0
import { denied, reached, refused } from '../../../harness/check/matchers.ts';
import type { Exchange } from '../../../harness/probe/exchange.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource, rfc } from '../../specification.ts';

const each = 'each host is reached through its own listener with a certificate';
const anonymous = 'neither is reached without one';
const crossed = 'a Host of the other listener does not cross over, with a connection of its own';
const coalesced = 'nor on a connection over HTTP/2 that serves its own host';

export default defineCheck({
  id: 'mtls-sni-bypass',
  title: 'The listener that the server name chose is the one that answers, whatever the Host says',
  feature: 'mtls.frontend',
  priority: 'P1',
  specification: [
    gep(91),
    gatewayApi('Listener', 'gateway_types.go'),
    rfc(9110, '7.4'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/fc.go'),
  ],
  requires: ['gateways', 'echo', 'otherEcho'],
  sabotages: [
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: anonymous },
    { name: 'listener-for-all', title: 'The first listener serves every host', breaks: crossed },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, otherEcho }) {
    const [a, b] = [hostname('a'), hostname('b')];
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(
      tlsSecret('a', await servers.issue({ name: a, usage: 'server' })),
      tlsSecret('b', await servers.issue({ name: b, usage: 'server' })),
      caConfigMap('clients', [clients]),
    );
    const forAll = sabotaged('listener-for-all');
    const plain = gateway('mtls')
      .listener({ name: 'a', port: 8443, protocol: 'HTTPS', certificates: ['a'], ...(forAll ? {} : { hostname: a }) })
      .listener({ name: 'b', port: 8443, protocol: 'HTTPS', certificates: ['b'], hostname: b });
    const own = await gateways.own(sabotaged('validation-left-out') ? plain : plain.clientCertificates({ cas: ['clients'] }));
    await apply(
      httpRoute('a').on(own, 'a').host(a).rule({ to: echo.service }),
      (forAll ? httpRoute('b').on(own, 'a') : httpRoute('b')).on(own, 'b').host(b).rule({ to: otherEcho.service }),
    );
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (serverName: string, host: string, more = {}) =>
      own.send({ host, freshConnection: true, tls: { ca: servers.certificate, serverName, ...alice }, ...more });
    const anonymously = (host: string) => own.send({ host, freshConnection: true, tls: { ca: servers.certificate } });
    const both = [echo, otherEcho];
    /** 404 as for any unknown host, or 421 (RFC 9110 15.5.20). */
    const misdirected = (exchange: Exchange) => denied(exchange, { status: exchange.response?.status === 421 ? 421 : 404, before: both });

    await expect.eventually(each, async () => {
      await reached(await send(a, a), echo);
      await reached(await send(b, b), otherEcho);
    });

    await expect.eventually(anonymous, async () => {
      for (const host of [a, b]) await refused(await anonymously(host), { layers: ['tls'], before: both });
    });

    await expect.eventually(crossed, async () => {
      await misdirected(await send(a, b));
      await misdirected(await send(b, a));
    });

    await expect.eventually(coalesced, async () => {
      const pooled = { protocol: 'h2', freshConnection: false } as const;
      await reached(await send(a, a, pooled), echo);
      await misdirected(await send(a, b, pooled));
    });
  },
});
