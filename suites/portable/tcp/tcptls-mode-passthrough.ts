// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import { certificateAuthority, certificateHash } from '../../../fixtures/certificates/authority.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tlsRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const each = 'each name leads to its backend, which ends TLS itself with its own certificate';
const passed = 'the backend sees what the client itself offers, its certificate included';
const unknown = 'a name that no listener has, or none at all, leads nowhere';

export default defineCheck({
  id: 'tcptls-mode-passthrough',
  title: 'A listener that passes TLS through routes by the name that the client asks for, and ends nothing',
  feature: 'routing.tcp-tls',
  priority: 'P1',
  specification: [
    gatewayApi('TLSModePassthrough', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'otherTcpEcho', 'tcpEcho'],
  sabotages: [
    { name: subjectLeftOut, title: 'The TLSRoutes are left out', breaks: each },
    { name: 'routes-crossed', title: 'Each name leads to the other backend', breaks: each },
    { name: 'certificate-not-asked-for', title: 'The backend asks for no certificate', breaks: passed },
    { name: 'any-name', title: 'A listener for every name is there too', breaks: unknown },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, otherTcpEcho, tcpEcho }) {
    const [a, b, c] = [hostname('a'), hostname('b'), hostname('c')];
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    const issue = (name: string) => servers.issue({ name, usage: 'server', dnsNames: [a, b, c] });
    const [identityA, identityB, alice] = await Promise.all([issue('a'), issue('b'), clients.issue({ name: 'alice', usage: 'client' })]);
    const asked = sabotaged('certificate-not-asked-for') ? {} : { clients: { ca: clients.certificate } };
    await tcpEcho.serveTls({ ...identityA, ...asked, alpn: ['gauntlet'] });
    await otherTcpEcho.serveTls({ ...identityB, alpn: [] });
    const bare = gateway('passthrough')
      .listener({ name: 'a', port: 9443, protocol: 'TLS', hostname: a })
      .listener({ name: 'b', port: 9443, protocol: 'TLS', hostname: b });
    const own = await gateways.own(sabotaged('any-name') ? bare.listener({ name: 'any', port: 9443, protocol: 'TLS' }) : bare);
    const [first, second] = sabotaged('routes-crossed') ? [otherTcpEcho, tcpEcho] : [tcpEcho, otherTcpEcho];
    await apply.subject(
      tlsRoute('a', { gateway: own, listener: 'a', hostnames: [a], to: first.service }),
      tlsRoute('b', { gateway: own, listener: 'b', hostnames: [b], to: second.service }),
    );
    if (sabotaged('any-name')) await apply(tlsRoute('any', { gateway: own, listener: 'any', hostnames: [c], to: otherTcpEcho.service }));
    const send = (serverName: string) =>
      own.send({ tls: { ca: servers.certificate, ...alice, serverName, alpn: ['gauntlet'] }, tcp: 'hello' });

    await expect.eventually(each, async () => {
      for (const [name, peer, identity] of [
        [a, tcpEcho, identityA],
        [b, otherTcpEcho, identityB],
      ] as const) {
        const exchange = await send(name);
        await reached(exchange, peer);
        same('certificate', exchange.tls?.server?.sha256, certificateHash(identity));
      }
    });

    await expect.eventually(passed, async () => {
      const { tls } = await reached(await send(a), tcpEcho);
      same('name', tls?.sni, a);
      same('protocol', tls?.alpn, 'gauntlet');
      same('certificate', tls?.client?.sha256, certificateHash(alice));
    });

    await expect.eventually(unknown, async () => {
      for (const name of [c, '']) await refused(await send(name), { before: [tcpEcho, otherTcpEcho] });
    });
  },
});
