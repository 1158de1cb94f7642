// SPDX-License-Identifier: Apache-2.0
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const known = 'a client with a certificate of the authority reaches the backend on every port';
const overridden = 'on the port with the fallback, a client without a certificate does too';
const inherited = (listener: string) => `on the port ${listener}, a client without a certificate is refused`;
const otherAuthority = 'the port with an authority of its own admits clients of that one, and no others';

/** Ports on which the default holds: one that is not mentioned, and one whose entry says nothing. */
const inheriting = ['default', 'empty'] as const;

export default defineCheck({
  id: 'mtls-perport',
  title: 'What a port says of client certificates stands in place of the default, on that port only',
  feature: 'mtls.frontend',
  specification: [gep(91), gatewayApi('TLSPortConfig', 'gateway_types.go'), kgatewaySource('pkg/krtcollections/policy.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'ports-left-out', title: 'Nothing is said of single ports', breaks: overridden },
    { name: 'default-falls-back', title: 'The default is the fallback', breaks: inherited('default') },
    { name: 'own-authority-is-default', title: 'The port with an authority of its own has that of all', breaks: otherAuthority },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients, partners] = await Promise.all([
      certificateAuthority('servers'),
      certificateAuthority('clients'),
      certificateAuthority('partners'),
    ]);
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      caConfigMap('clients', [clients]),
      caConfigMap('partners', [partners]),
    );
    const listeners = { default: 8443, fallback: 8444, empty: 8445, own: 8446 };
    const bare = Object.entries(listeners).reduce(
      (built, [name, port]) => built.listener({ name, port, protocol: 'HTTPS', certificates: ['server'] }),
      gateway('mtls'),
    );
    const ports = [
      { port: listeners.fallback, validation: { mode: 'AllowInsecureFallback', cas: ['clients'] } },
      { port: listeners.empty },
      { port: listeners.own, validation: { cas: [sabotaged('own-authority-is-default') ? 'clients' : 'partners'] } },
    ] as const;
    const mode = sabotaged('default-falls-back') ? 'AllowInsecureFallback' : 'AllowValidOnly';
    const own = await gateways.own(bare.clientCertificates({ mode, cas: ['clients'] }, ...(sabotaged('ports-left-out') ? [] : ports)));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const [alice, bob] = await Promise.all([
      clients.issue({ name: 'alice', usage: 'client' }),
      partners.issue({ name: 'bob', usage: 'client' }),
    ]);
    const send = (listener: string, identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listener);

    await expect.eventually(known, async () => {
      for (const listener of ['default', 'fallback', 'empty']) await reached(await send(listener, alice), echo);
    });

    await expect.eventually(overridden, async () => {
      await reached(await send('fallback'), echo);
    });

    for (const listener of inheriting) {
      await expect.eventually(inherited(listener), async () => refused(await send(listener), { layers: ['tls'], before: echo }));
    }

    await expect.eventually(otherAuthority, async () => {
      await reached(await send('own', bob), echo);
      await refused(await send('own', alice), { layers: ['tls'], before: echo });
      await refused(await send('own'), { layers: ['tls'], before: echo });
    });
  },
});
