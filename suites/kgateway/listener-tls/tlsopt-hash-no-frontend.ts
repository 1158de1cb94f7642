// SPDX-License-Identifier: Apache-2.0
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, certificateHash, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const pinned = 'the client whose certificate is pinned reaches the backend';
const unpinned = 'a client with another certificate is refused';
const anonymous = 'a client without a certificate is refused';

export default defineCheck({
  id: 'tlsopt-hash-no-frontend',
  title: 'A listener that pins client certificates refuses a client without one, also when the Gateway says nothing of client certificates',
  feature: 'tls.certificate-pinning',
  specification: [
    kgatewaySource('api/annotations/gateway.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/fc.go'),
    envoyDocs('DownstreamTlsContext', 'api-v3/extensions/transport_sockets/tls/v3/tls.proto'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'option-left-out', title: 'Nothing is pinned', breaks: anonymous },
    { name: 'both-pinned', title: 'The other certificate is pinned as well', breaks: unpinned },
    { name: 'hash-of-others', title: 'The hash is that of another certificate', breaks: pinned },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('unused', [clients]));
    const issue = (name: string) => clients.issue({ name, usage: 'client' });
    const [alice, mallory] = await Promise.all([issue('alice'), issue('mallory')]);
    const right = sabotaged('both-pinned') ? [alice, mallory] : [alice];
    const hash = (sabotaged('hash-of-others') ? [mallory] : right).map(certificateHash).join(',');
    const options = sabotaged('option-left-out') ? {} : { 'kgateway.dev/verify-certificate-hash': hash };
    const own = await gateways.own(
      gateway('tls').listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'], options }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = (identity?: Identity) => own.send({ host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });

    await expect.eventually(pinned, async () => {
      await reached(await send(alice), echo);
    });
    // Nothing of what the Gateway says requires one; that Envoy does, wherever it has a hash or a name to compare, is what is relied on here.
    await expect.eventually(anonymous, async () => refused(await send(), { layers: ['tls'], before: echo }));
    await expect.eventually(unpinned, async () => refused(await send(mallory), { layers: ['tls'], before: echo }));
  },
});
