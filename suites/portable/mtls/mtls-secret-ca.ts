// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { secret, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const valid = 'a client with a certificate of the authority in the Secret reaches the backend';
const stranger = 'a client without a certificate, or with one of another authority, is refused';
const closed = 'a Secret with the certificate of a server instead of an authority keeps its port closed';
const unresolved = 'its listener says that the reference does not resolve';

export default defineCheck({
  id: 'mtls-secret-ca',
  title: 'A client authority may be in a Secret, and only under ca.crt',
  feature: 'mtls.frontend',
  priority: 'P1',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'both-authorities', title: 'The Secret has the other authority too', breaks: stranger },
    { name: 'authority-beside', title: 'The Secret with the certificate of a server has the authority too', breaks: closed },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    const server = await servers.issue({ name: host, usage: 'server' });
    const other = sabotaged('both-authorities') ? servers.certificate : '';
    await apply(
      tlsSecret('server', server),
      secret('clients', { 'ca.crt': clients.certificate + other }),
      secret('wrong-key', { 'tls.crt': server.certificate, ...(sabotaged('authority-beside') ? { 'ca.crt': clients.certificate } : {}) }),
    );
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .listener({ name: 'wrong-key', port: 8444, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates(
          { cas: [{ kind: 'Secret', name: 'clients' }] },
          { port: 8444, validation: { cas: [{ kind: 'Secret', name: 'wrong-key' }] } },
        ),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const [alice, mallory] = await Promise.all([clients, servers].map((authority) => authority.issue({ name: 'client', usage: 'client' })));
    const send = (listener: string, identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listener);

    await expect.eventually(valid, async () => {
      await reached(await send('https', alice), echo);
    });

    await expect.eventually(stranger, async () => {
      await refused(await send('https'), { layers: ['tls'], before: echo });
      await refused(await send('https', mallory), { layers: ['tls'], before: echo });
    });

    await expect.consistently(closed, async () => refused(await send('wrong-key', alice), { layers: ['connect'], before: echo }));

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener wrong-key', status: 'False', reason: 'InvalidCertificateRef' });
        condition(seen, 'Programmed', { of: 'listener wrong-key', status: 'False', reason: 'Invalid' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
