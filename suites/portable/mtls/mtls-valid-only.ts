// SPDX-License-Identifier: Apache-2.0
import { minutes } from '../../../harness/units.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, selfSigned, type Authority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const valid = 'a client with a certificate of the authority reaches the backend';
const byDefault = 'a listener without a mode refuses a client without a certificate as well';
const refusal = (client: string) => `a client with ${client} is refused before the backend sees anything`;

/** Clients that must not get in: what they show, given the trusted authority and one that is not. */
const strangers: readonly {
  readonly shows: string;
  readonly identity: (trusted: Authority, other: Authority) => Promise<Identity | undefined>;
}[] = [
  { shows: 'no certificate', identity: () => Promise.resolve(undefined) },
  { shows: 'a certificate of another authority', identity: (_, other) => other.issue({ name: 'mallory', usage: 'client' }) },
  {
    shows: 'an expired certificate',
    identity: (trusted) => trusted.issue({ name: 'late', usage: 'client', validSince: minutes(120), validFor: minutes(60) }),
  },
  { shows: 'a certificate that vouches for itself', identity: () => selfSigned({ name: 'self', usage: 'client' }) },
  { shows: 'a certificate for servers', identity: (trusted) => trusted.issue({ name: 'server', usage: 'server' }) },
];

export default defineCheck({
  id: 'mtls-valid-only',
  title: 'A listener that asks for client certificates admits those of its authorities only',
  feature: 'mtls.frontend',
  specification: [gep(91), gatewayApi('FrontendTLSValidation', 'gateway_types.go'), kgatewaySource('pkg/krtcollections/policy.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: refusal('no certificate') },
    { name: 'insecure-fallback', title: 'The mode is AllowInsecureFallback', breaks: refusal('no certificate') },
    { name: 'a-mode', title: 'The listener without a mode has the insecure one', breaks: byDefault },
    {
      name: 'attackers-authority-trusted',
      title: 'The other authority is trusted as well',
      breaks: refusal('a certificate of another authority'),
    },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, trusted, other] = await Promise.all([
      certificateAuthority('servers'),
      certificateAuthority('trusted'),
      certificateAuthority('other'),
    ]);
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      caConfigMap('clients', sabotaged('attackers-authority-trusted') ? [trusted, other] : [trusted]),
    );
    const plain = gateway('mtls')
      .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
      .listener({ name: 'no-mode', port: 8444, protocol: 'HTTPS', certificates: ['server'] });
    const byPort = {
      port: 8444,
      validation: { cas: ['clients'], ...(sabotaged('a-mode') ? { mode: 'AllowInsecureFallback' as const } : {}) },
    };
    const mode = sabotaged('insecure-fallback') ? 'AllowInsecureFallback' : 'AllowValidOnly';
    const own = await gateways.own(sabotaged('validation-left-out') ? plain : plain.clientCertificates({ mode, cas: ['clients'] }, byPort));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = (client?: Identity, listener = 'https') =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...client } }, listener);
    const good = await trusted.issue({ name: 'alice', usage: 'client' });

    await expect.eventually(valid, async () => {
      await reached(await send(good), echo);
    });

    for (const { shows, identity } of strangers) {
      const client = await identity(trusted, other);
      await expect.eventually(refusal(shows), async () => refused(await send(client), { layers: ['tls'], before: echo }));
    }

    await expect.eventually(byDefault, async () => {
      await reached(await send(good, 'no-mode'), echo);
      await refused(await send(undefined, 'no-mode'), { layers: ['tls'], before: echo });
    });
  },
});
