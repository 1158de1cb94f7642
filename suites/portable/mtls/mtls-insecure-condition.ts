// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep } from '../../specification.ts';

const strict = 'a client without a certificate is refused';
const lax = 'once the mode is the insecure fallback, it reaches the backend';
const said = 'the Gateway says that its mode has become insecure';

export default defineCheck({
  id: 'mtls-insecure-condition',
  title: 'A Gateway that changes to the insecure fallback says so in its status',
  feature: 'mtls.frontend',
  priority: 'P1',
  specification: [gep(91), gatewayApi('GatewayConditionInsecureFrontendValidationMode', 'gateway_types.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'lax-from-the-start', title: 'The mode is the fallback from the start', breaks: strict },
    { name: 'stays-strict', title: 'The mode stays as it was', breaks: lax },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [clients]));
    const listening = gateway('mtls').listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] });
    const inMode = (isLax: boolean) =>
      gateways.own(listening.clientCertificates({ mode: isLax ? 'AllowInsecureFallback' : 'AllowValidOnly', cas: ['clients'] }));
    const own = await inMode(sabotaged('lax-from-the-start'));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const alice = await clients.issue({ name: 'alice', usage: 'client' });
    const send = (identity = {}) => own.get('/', { host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });

    await expect.eventually(strict, async () => {
      await reached(await send(alice), echo);
      await refused(await send(), { layers: ['tls'], before: echo });
    });

    await inMode(!sabotaged('stays-strict'));
    await expect.eventually(lax, async () => {
      await reached(await send(), echo);
    });

    // What serves is older than its status by a moment at most.
    await expect.eventually(
      said,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        condition(seen, 'InsecureFrontendValidationMode', { of: '', reason: 'ConfigurationChanged' });
      },
      { within: seconds(3), streak: 1 },
    );
  },
});
