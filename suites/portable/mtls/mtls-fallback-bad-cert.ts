// SPDX-License-Identifier: Apache-2.0
import { reached } from '../../../harness/check/matchers.ts';
import { certificateAuthority, selfSigned, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const anonymous = 'a client without a certificate reaches the backend';
const unverified = 'so does a client whose certificate fails verification';

export default defineCheck({
  id: 'mtls-fallback-bad-cert',
  title: 'With the insecure fallback a certificate that fails verification does not shut a client out',
  feature: 'mtls.frontend',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/fc.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: 'valid-only', title: 'The mode is AllowValidOnly', breaks: anonymous }],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients, other] = await Promise.all([
      certificateAuthority('servers'),
      certificateAuthority('clients'),
      certificateAuthority('other'),
    ]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [clients]));
    const own = await gateways.own(
      gateway('mtls')
        .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
        .clientCertificates({ mode: sabotaged('valid-only') ? 'AllowValidOnly' : 'AllowInsecureFallback', cas: ['clients'] }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = (identity?: Identity) => own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });
    const [stranger, lone] = await Promise.all([
      other.issue({ name: 'mallory', usage: 'client' }),
      selfSigned({ name: 'self', usage: 'client' }),
    ]);

    await expect.eventually(anonymous, async () => {
      await reached(await send(), echo);
    });

    // The listener is there with all that it has: its answer will not change.
    await expect.now(unverified, async () => {
      await reached(await send(stranger), echo);
      await reached(await send(lone), echo);
    });
  },
});
