// SPDX-License-Identifier: Apache-2.0
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import { certificateAuthority, certificateHash } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const first = 'a client that can only verify ECDSA is shown the first certificate';
const second = 'a client that can only verify RSA is shown the second one';
const wrongName = 'a client that expects another name turns away';

export default defineCheck({
  id: 'tcptls-multi-cert',
  title: 'A listener that ends TLS for a TCPRoute shows each client the one of its certificates that it can verify',
  feature: 'routing.tcp-tls',
  priority: 'P1',
  specification: [
    gatewayApi('ListenerTLSConfig', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/gateway/testutils/inputs/tcp-routing/tls-multiple-certificates.yaml'),
  ],
  requires: ['gateways', 'tcpEcho'],
  sabotages: [
    { name: 'second-left-out', title: 'The listener has one certificate', breaks: second },
    { name: 'other-name', title: 'The certificates are for the other name', breaks: first },
    { name: 'both-names', title: 'The certificates are for both names', breaks: wrongName },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, tcpEcho }) {
    const [host, other] = [hostname(), hostname('other')];
    const authority = await certificateAuthority('servers');
    const dnsNames = sabotaged('other-name') ? [other] : sabotaged('both-names') ? [host, other] : [host];
    const [ec, rsa] = await Promise.all([
      authority.issue({ name: host, usage: 'server', dnsNames }),
      authority.issue({ name: host, usage: 'server', dnsNames, key: 'RSA' }),
    ]);
    await apply(tlsSecret('ec', ec), tlsSecret('rsa', rsa));
    const certificates = sabotaged('second-left-out') ? ['ec'] : ['ec', 'rsa'];
    const own = await gateways.own(gateway('stream').listener({ name: 'stream', port: 9443, protocol: 'TLS', certificates }));
    await apply(tcpRoute('stream', { gateway: own, listener: 'stream', to: tcpEcho.service }));
    const send = (serverName: string, ...ciphers: readonly string[]) =>
      own.send({ tls: { ca: authority.certificate, serverName, maxVersion: 'TLSv1.2', ciphers }, tcp: 'hello' });

    for (const [name, identity, suite] of [
      [first, ec, 'ECDHE-ECDSA-AES128-GCM-SHA256'],
      [second, rsa, 'ECDHE-RSA-AES128-GCM-SHA256'],
    ] as const) {
      await expect.eventually(name, async () => {
        const exchange = await send(host, suite);
        await reached(exchange, tcpEcho);
        same('certificate', exchange.tls?.server?.sha256, certificateHash(identity));
      });
    }

    await expect.eventually(wrongName, async () =>
      refused(await send(other, 'ECDHE-ECDSA-AES128-GCM-SHA256'), { layers: ['tls'], before: tcpEcho }),
    );
  },
});
