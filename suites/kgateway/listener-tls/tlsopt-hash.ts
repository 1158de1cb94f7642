// SPDX-License-Identifier: Apache-2.0
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, certificateHash, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const pinned = 'the client whose certificate is pinned reaches the backend';
const unpinned = 'another client of the same authority is refused';
const anonymous = 'a client without a certificate is refused';
const either = 'of two pinned certificates each one is let in, and no other';

export default defineCheck({
  id: 'tlsopt-hash',
  title: 'A listener that pins client certificates by their hash admits these only',
  feature: 'tls.certificate-pinning',
  specification: [
    kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
    envoyDocs('CertificateValidationContext', 'api-v3/extensions/transport_sockets/tls/v3/common.proto'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'fallback', title: 'Nothing is pinned, and the mode is AllowInsecureFallback', breaks: anonymous },
    { name: 'option-left-out', title: 'Nothing is pinned', breaks: unpinned },
    { name: 'hash-of-others', title: 'The hash is that of another certificate', breaks: pinned },
    { name: 'all-pinned', title: 'All three are pinned', breaks: either },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [clients]));
    const issue = (name: string) => clients.issue({ name, usage: 'client' });
    const [alice, bob, mallory] = await Promise.all([issue('alice'), issue('bob'), issue('mallory')]);
    const pin = (...identities: readonly Identity[]) => ({
      'kgateway.dev/verify-certificate-hash': identities.map(certificateHash).join(','),
    });
    /** As OpenSSL prints it: pairs with colons, in capitals. */
    const colons = (certificateHash(bob).match(/../g) ?? []).join(':').toUpperCase();
    const listener = { protocol: 'HTTPS', certificates: ['server'] } as const;
    const one = sabotaged('option-left-out') || sabotaged('fallback') ? {} : pin(sabotaged('hash-of-others') ? bob : alice);
    const two = { 'kgateway.dev/verify-certificate-hash': `${certificateHash(alice)}, ${colons}` };
    const own = await gateways.own(
      gateway('tls')
        .listener({ name: 'one', port: 8443, ...listener, options: one })
        .listener({ name: 'two', port: 8444, ...listener, options: sabotaged('all-pinned') ? pin(alice, bob, mallory) : two })
        .clientCertificates({ mode: sabotaged('fallback') ? 'AllowInsecureFallback' : 'AllowValidOnly', cas: ['clients'] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = (listenerName: string, identity?: Identity) =>
      own.send({ host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, listenerName);

    await expect.eventually(pinned, async () => {
      await reached(await send('one', alice), echo);
    });
    await expect.eventually(anonymous, async () => refused(await send('one'), { layers: ['tls'], before: echo }));
    await expect.eventually(unpinned, async () => refused(await send('one', mallory), { layers: ['tls'], before: echo }));
    await expect.eventually(either, async () => {
      await reached(await send('two', alice), echo);
      await reached(await send('two', bob), echo);
      await refused(await send('two', mallory), { layers: ['tls'], before: echo });
    });
  },
});
