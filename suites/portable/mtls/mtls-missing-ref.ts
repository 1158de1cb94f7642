// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const other = 'the listener without TLS serves the same Gateway';
const closed = 'the port stays closed, with and without a client certificate';
const unresolved = 'the listener says that its reference does not resolve';

export default defineCheck({
  id: 'mtls-missing-ref',
  title: 'A listener whose client authority is missing stays closed instead of serving without it',
  feature: 'mtls.frontend',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'authority-present', title: 'The authority is there', breaks: closed },
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: closed },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })));
    if (sabotaged('authority-present')) await apply(caConfigMap('missing', [clients]));
    const plain = gateway('mtls')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] });
    const own = await gateways.own(
      sabotaged('validation-left-out') ? plain : plain.clientCertificates({ mode: 'AllowValidOnly', cas: ['missing'] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const client = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, 'https');

    // One proxy serves both ports, from one configuration: once this one answers, the other one is closed for good.
    await expect.eventually(other, async () => {
      await reached(await own.get('/', { host }, 'http'), echo);
    });

    await expect.consistently(closed, async () => {
      await refused(await send(), { layers: ['connect'], before: echo });
      await refused(await send(client), { layers: ['connect'], before: echo });
    });

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener https', status: 'False', reason: 'InvalidCertificateRef' });
        condition(seen, 'Programmed', { of: 'listener https', status: 'False', reason: 'Invalid' });
        condition(seen, 'Programmed', { of: 'listener http' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
