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

const both = 'clients of either authority reach the backend';
const third = 'a client of a third authority is refused before the backend sees anything';
const incomplete = 'the listener with one authority missing stays closed, also for clients of the other';
const unresolved = 'it says that its reference does not resolve';

export default defineCheck({
  id: 'mtls-multi-ca',
  title: 'Of several client authorities each one counts, and none may be missing',
  feature: 'mtls.frontend',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'second-left-out', title: 'Only the first authority is referred to', breaks: both },
    { name: 'third-trusted', title: 'The second authority brings the third one with it', breaks: third },
    { name: 'missing-present', title: 'No authority is missing', breaks: incomplete },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, first, second, stranger] = await Promise.all([
      certificateAuthority('servers'),
      certificateAuthority('first'),
      certificateAuthority('second'),
      certificateAuthority('third'),
    ]);
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      caConfigMap('first', [first]),
      caConfigMap('second', sabotaged('third-trusted') ? [second, stranger] : [second]),
    );
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .listener({ name: 'incomplete', port: 8444, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates(
          { mode: 'AllowValidOnly', cas: sabotaged('second-left-out') ? ['first'] : ['first', 'second'] },
          { port: 8444, validation: { mode: 'AllowValidOnly', cas: ['first', sabotaged('missing-present') ? 'second' : 'missing'] } },
        ),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const [alice, bob, mallory] = await Promise.all(
      [first, second, stranger].map((authority) => authority.issue({ name: 'client', usage: 'client' })),
    );
    const send = (listener: string, identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listener);

    await expect.eventually(both, async () => {
      await reached(await send('https', alice), echo);
      await reached(await send('https', bob), echo);
    });

    await expect.eventually(third, async () => refused(await send('https', mallory), { layers: ['tls'], before: echo }));

    await expect.consistently(incomplete, async () => refused(await send('incomplete', alice), { layers: ['connect'], before: echo }));

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'ResolvedRefs', { of: 'listener incomplete', status: 'False', reason: 'InvalidCertificateRef' });
        condition(seen, 'Programmed', { of: 'listener incomplete', status: 'False', reason: 'Invalid' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
