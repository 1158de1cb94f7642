// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, namespaceBeside, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { gatewayApiGroup } from '../../../fixtures/gateway-api/reference.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const other = 'the listener without TLS serves the same Gateway';
const ungranted = 'without a grant the port is closed';
const refusal = 'its listener says that the reference is not permitted, and the Gateway that not all of its listeners are valid';
const granted = 'with the grant clients of the authority reach the backend, and no others';
const revoked = 'without the grant again the port is closed again';

export default defineCheck({
  id: 'mtls-cross-ns',
  title: 'A client authority in another namespace counts only while a ReferenceGrant allows it, and its port is closed otherwise',
  feature: 'mtls.frontend',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'granted-from-the-start', title: 'The grant is there from the start', breaks: ungranted },
    { name: 'granted-to-routes', title: 'The grant is for HTTPRoutes', breaks: granted },
    { name: 'grant-stays', title: 'The grant is not taken back', breaks: revoked },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    const tenant = namespaceBeside(namespace, 'authorities');
    const bare = caConfigMap('clients', [clients]);
    const authority: Resource = { ...bare, metadata: { ...bare.metadata, namespace: tenant.metadata.name } };
    const kind = sabotaged('granted-to-routes') ? 'HTTPRoute' : 'Gateway';
    const grant = referenceGrant('authority', { group: gatewayApiGroup, kind, namespace }, authority);
    await apply(tenant, authority, ...(sabotaged('granted-from-the-start') ? [grant] : []));
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })));
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates({ mode: 'AllowValidOnly', cas: [{ name: 'clients', namespace: tenant.metadata.name }] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, 'https');
    const closed = async (): Promise<void> => {
      await refused(await send(alice), { layers: ['connect'], before: echo });
      await refused(await send(), { layers: ['connect'], before: echo });
    };

    await expect.eventually(other, async () => {
      await reached(await own.get('/', { host }, 'http'), echo);
    });
    await expect.consistently(ungranted, closed);
    await expect.eventually(
      refusal,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener https', status: 'False', reason: 'RefNotPermitted' });
        condition(seen, 'Programmed', { of: 'listener https', status: 'False', reason: 'Invalid' });
        condition(seen, 'Accepted', { of: '', reason: 'ListenersNotValid' });
      },
      { within: budgets.status, streak: 1 },
    );

    await apply(grant);
    await expect.eventually(granted, async () => {
      await reached(await send(alice), echo);
      await refused(await send(), { layers: ['tls'], before: echo });
    });

    if (!sabotaged('grant-stays')) await kube.remove(referenceTo(grant, tenant.metadata.name));
    await expect.eventually(revoked, closed);
  },
});
