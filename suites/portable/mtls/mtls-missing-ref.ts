// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, configMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, gep, kgatewaySource } from '../../specification.ts';

const other = 'the listener without TLS serves the same Gateway';
const closed = 'the port stays closed, with and without a client certificate';
const unusable = 'so do ports whose authority has no certificate, or garbage in its place';
const unresolved = 'each listener says that its reference does not resolve';

export default defineCheck({
  id: 'mtls-missing-ref',
  title: 'A listener whose client authority is missing stays closed instead of serving without it',
  feature: 'mtls.frontend',
  specification: [
    gep(91),
    gatewayApi('FrontendTLSValidation', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'authority-present', title: 'The authority is there', breaks: closed },
    { name: 'validation-left-out', title: 'The Gateway asks for no client certificate', breaks: closed },
    { name: 'garbage-repaired', title: 'There is a certificate in the place of the garbage', breaks: unusable },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    const garbage = '-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n';
    await apply(
      tlsSecret('server', await servers.issue({ name: host, usage: 'server' })),
      configMap('no-certificate', { 'tls.crt': clients.certificate }),
      configMap('garbage', { 'ca.crt': sabotaged('garbage-repaired') ? clients.certificate : garbage }),
    );
    if (sabotaged('authority-present')) await apply(caConfigMap('missing', [clients]));
    const plain = gateway('mtls')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] })
      .listener({ name: 'no-certificate', port: 8444, protocol: 'HTTPS', certificates: ['server'] })
      .listener({ name: 'garbage', port: 8445, protocol: 'HTTPS', certificates: ['server'] });
    const strict = (name: string) => ({ mode: 'AllowValidOnly', cas: [name] }) as const;
    const validated = plain.clientCertificates(
      strict('missing'),
      { port: 8444, validation: strict('no-certificate') },
      { port: 8445, validation: strict('garbage') },
    );
    const own = await gateways.own(sabotaged('validation-left-out') ? plain : validated);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const client = await clients.issue({ name: 'alice', usage: 'client' });
    const stayClosed = async (...listeners: readonly string[]): Promise<void> => {
      for (const listener of listeners) {
        for (const identity of [{}, client] satisfies Partial<Identity>[]) {
          const tls = { ca: servers.certificate, ...identity };
          await refused(await own.get('/', { host, freshConnection: true, tls }, listener), { layers: ['connect'], before: echo });
        }
      }
    };

    // One proxy serves both ports, from one configuration: once this one answers, the other one is closed for good.
    await expect.eventually(other, async () => {
      await reached(await own.get('/', { host }, 'http'), echo);
    });

    await expect.consistently(closed, () => stayClosed('https'));
    await expect.consistently(unusable, () => stayClosed('no-certificate', 'garbage'));

    await expect.eventually(
      unresolved,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        for (const listener of ['https', 'no-certificate', 'garbage']) {
          condition(seen, 'ResolvedRefs', { of: `listener ${listener}`, status: 'False', reason: 'InvalidCertificateRef' });
          condition(seen, 'Programmed', { of: `listener ${listener}`, status: 'False', reason: 'Invalid' });
        }
        condition(seen, 'Programmed', { of: 'listener http' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
