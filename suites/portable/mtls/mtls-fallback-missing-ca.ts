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

const open = 'the listener with the fallback serves clients with and without a certificate';
const closed = 'its twin that admits valid certificates only stays closed';
const strictSays = 'the strict listener says that its reference does not resolve';
const fallbackSays = 'the listener with the fallback says so too';

export default defineCheck({
  id: 'mtls-fallback-missing-ca',
  title: 'A missing client authority closes the strict listener, and is not passed over in silence by the one with the fallback',
  feature: 'mtls.frontend',
  priority: 'P1',
  specification: [
    gep(91),
    gatewayApi('ListenerConditionResolvedRefs', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'both-strict', title: 'Both listeners admit valid certificates only', breaks: open },
    { name: 'both-fall-back', title: 'Both listeners have the fallback', breaks: closed },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('unused', [clients]));
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'fallback', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .listener({ name: 'strict', port: 8444, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates(
          { mode: sabotaged('both-strict') ? 'AllowValidOnly' : 'AllowInsecureFallback', cas: ['missing'] },
          { port: 8444, validation: { mode: sabotaged('both-fall-back') ? 'AllowInsecureFallback' : 'AllowValidOnly', cas: ['missing'] } },
        ),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (listener: string, identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listener);

    await expect.eventually(open, async () => {
      await reached(await send('fallback'), echo);
      await reached(await send('fallback', alice), echo);
    });

    await expect.consistently(closed, async () => {
      await refused(await send('strict'), { layers: ['connect'], before: echo });
      await refused(await send('strict', alice), { layers: ['connect'], before: echo });
    });

    const unresolved = async (listener: string) => {
      const seen = await kube.get(referenceTo(own.resource, namespace));
      condition(seen, 'ResolvedRefs', { of: `listener ${listener}`, status: 'False', reason: 'InvalidCertificateRef' });
    };
    await expect.eventually(strictSays, () => unresolved('strict'), { within: budgets.status, streak: 1 });
    // The listeners of a Gateway are written in one status.
    await expect.now(fallbackSays, () => unresolved('fallback'));
  },
});
