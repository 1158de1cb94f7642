// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const sound = 'the listener with its certificate serves its TCPRoute';
const closed = 'the port without stays closed, to TLS and to plain text';
const unresolved = 'its listener says that the reference does not resolve';
const repaired = 'once the certificate is there, it serves its TCPRoute too, over TLS only';

export default defineCheck({
  id: 'tcptls-missing-cert',
  title: 'A listener whose certificate is missing stays closed instead of passing the stream on in plain text',
  feature: 'routing.tcp-tls',
  specification: [
    gatewayApi('ListenerTLSConfig', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'tcpEcho'],
  sabotages: [
    { name: 'certificate-present', title: 'The certificate is there', breaks: closed },
    { name: 'without-tls', title: 'The listener has no TLS at all', breaks: closed },
    { name: 'not-repaired', title: 'The certificate never comes', breaks: repaired },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, tcpEcho }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    const server = await authority.issue({ name: host, usage: 'server' });
    await apply(tlsSecret('server', server));
    if (sabotaged('certificate-present')) await apply(tlsSecret('missing', server));
    const broken = sabotaged('without-tls') ? ({ protocol: 'TCP' } as const) : ({ protocol: 'TLS', certificates: ['missing'] } as const);
    const own = await gateways.own(
      gateway('stream')
        .listener({ name: 'sound', port: 9443, protocol: 'TLS', certificates: ['server'] })
        .listener({ name: 'broken', port: 9444, ...broken }),
    );
    await apply(
      tcpRoute('sound', { gateway: own, listener: 'sound', to: tcpEcho.service }),
      tcpRoute('broken', { gateway: own, listener: 'broken', to: tcpEcho.service }),
    );
    const overTls = { host, tls: { ca: authority.certificate }, tcp: 'hello' };
    const plain = { tcp: 'hello' };

    await expect.eventually(sound, async () => {
      await reached(await own.send(overTls, 'sound'), tcpEcho);
    });

    await expect.consistently(closed, async () => {
      await refused(await own.send(overTls, 'broken'), { layers: ['connect'], before: tcpEcho });
      await refused(await own.send(plain, 'broken'), { layers: ['connect'], before: tcpEcho });
    });

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener broken', status: 'False', reason: 'InvalidCertificateRef' });
        condition(seen, 'Programmed', { of: 'listener broken', status: 'False', reason: 'Invalid' });
        condition(seen, 'Programmed', { of: 'listener sound' });
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('not-repaired')) await apply(tlsSecret('missing', server));
    await expect.eventually(repaired, async () => {
      await reached(await own.send(overTls, 'broken'), tcpEcho);
      await refused(await own.send(plain, 'broken'), { layers: ['connect', 'tcp'], before: tcpEcho });
    });
  },
});
