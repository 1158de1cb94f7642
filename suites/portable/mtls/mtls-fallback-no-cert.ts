// SPDX-License-Identifier: Apache-2.0
import { holds, reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const known = 'a client with a certificate of the authority reaches the backend';
const anonymous = 'a client without a certificate reaches the backend as well';

export default defineCheck({
  id: 'mtls-fallback-no-cert',
  title: 'With the insecure fallback a client may come without a certificate',
  feature: 'mtls.frontend',
  specification: [gep(91), gatewayApi('FrontendTLSValidation', 'gateway_types.go'), kgatewaySource('pkg/krtcollections/policy.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'valid-only', title: 'The mode is AllowValidOnly', breaks: anonymous },
    { name: 'authority-of-others', title: 'Another authority is trusted, and the mode is AllowValidOnly', breaks: known },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    const isStrict = sabotaged('valid-only') || sabotaged('authority-of-others');
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      caConfigMap('clients', [sabotaged('authority-of-others') ? servers : clients]),
    );
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates({ mode: isStrict ? 'AllowValidOnly' : 'AllowInsecureFallback', cas: ['clients'] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (identity?: Identity) => own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });

    await expect.eventually(known, async () => {
      await reached(await send(alice), echo);
    });

    await expect.eventually(anonymous, async () => {
      const exchange = await send();
      await reached(exchange, echo);
      holds(exchange.tls?.server?.subject === `CN=${host}`, 'TLS', 'none', exchange);
    });
  },
});
