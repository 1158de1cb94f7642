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
const closed = 'the port whose authority is of a kind that cannot be one stays closed';
const guarded = 'the port with a sound authority admits no client without a certificate meanwhile';
const unharmed = 'and it serves clients with a certificate, since its own reference is sound';
const unresolved = 'the listener says that its reference does not resolve';

export default defineCheck({
  id: 'mtls-bad-kind',
  title: 'A client authority of a kind that cannot be one closes its port, and neither opens nor closes another',
  feature: 'mtls.frontend',
  specification: [gep(91), gatewayApi('FrontendTLSValidation', 'gateway_types.go'), kgatewaySource('pkg/krtcollections/policy.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'kind-is-config-map', title: 'The authority is in a ConfigMap', breaks: closed },
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: closed },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [clients]));
    const isRight = sabotaged('kind-is-config-map');
    const plain = gateway('mtls')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'sound', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
      .listener({ name: 'bad-kind', port: 8444, protocol: 'HTTPS', certificates: ['server'] });
    const validated = plain.clientCertificates(
      { mode: 'AllowValidOnly', cas: ['clients'] },
      { port: 8444, validation: { mode: 'AllowValidOnly', cas: [isRight ? 'clients' : { kind: 'Service', name: echo.service.name }] } },
    );
    const own = await gateways.own(sabotaged('validation-left-out') ? plain : validated);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (listener: string, identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listener);

    await expect.eventually(other, async () => {
      await reached(await own.get('/', { host }, 'http'), echo);
    });

    await expect.consistently(closed, async () => {
      await refused(await send('bad-kind'), { layers: ['connect'], before: echo });
      await refused(await send('bad-kind', alice), { layers: ['connect'], before: echo });
    });

    // Closed or asking for a certificate, it is not open.
    await expect.consistently(guarded, async () => refused(await send('sound'), { before: echo }));

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener bad-kind', status: 'False', reason: 'InvalidCertificateRef' });
        condition(seen, 'Programmed', { of: 'listener bad-kind', status: 'False', reason: 'Invalid' });
        condition(seen, 'Programmed', { of: 'listener http' });
      },
      { within: budgets.status, streak: 1 },
    );

    // All that will change has changed.
    await expect.now(unharmed, async () => {
      await reached(await send('sound', alice), echo);
    });
  },
});
