// SPDX-License-Identifier: Apache-2.0
import { holds, outcome, reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, gatewayApi, kgatewaySource } from '../../specification.ts';

const before = 'clients of the first authority reach the backend, those of the second are refused';
const after = 'once the ConfigMap has the second authority, it is the other way round';
const undisturbed = 'no request to the listener without TLS was lost meanwhile';

export default defineCheck({
  id: 'mtls-rotation',
  title: 'A client authority that is replaced counts at once, and other listeners do not notice',
  feature: 'mtls.frontend',
  priority: 'P1',
  specification: [
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
    envoyDocs('Listener discovery service', 'configuration/listeners/lds'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'not-replaced', title: 'The ConfigMap stays as it is', breaks: after },
    { name: 'added', title: 'The second authority comes beside the first', breaks: after },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, first, second] = await Promise.all([
      certificateAuthority('servers'),
      certificateAuthority('first'),
      certificateAuthority('second'),
    ]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [first]));
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates({ mode: 'AllowValidOnly', cas: ['clients'] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const [old, fresh] = await Promise.all([first, second].map((authority) => authority.issue({ name: 'client', usage: 'client' })));
    const send = (identity?: Identity) =>
      own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } }, 'https');
    const admits = async (known: Identity | undefined, stranger: Identity | undefined): Promise<void> => {
      await reached(await send(known), echo);
      await refused(await send(stranger), { layers: ['tls'], before: echo });
    };

    await expect.eventually(before, async () => {
      await admits(old, fresh);
      await reached(await own.get('/', { host }, 'http'), echo);
    });

    await using attack = own.attack({ path: '/', host }, {}, 'http');
    await attack.until(10);
    const next = sabotaged('added') ? [first, second] : [second];
    await apply(caConfigMap('clients', sabotaged('not-replaced') ? [first] : next));
    await expect.eventually(after, () => admits(fresh, old));

    await attack.until(10);
    const { exchanges } = await attack.stop();
    await expect.now(undisturbed, () => {
      const lost = exchanges.find((exchange) => exchange.response?.status !== 200);
      holds(lost === undefined, `200 for each of ${exchanges.length} requests`, lost === undefined ? '' : outcome(lost), lost);
    });
  },
});
