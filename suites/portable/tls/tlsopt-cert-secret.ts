// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import type { ProbeTls } from '../../../harness/probe/exchange.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { certificateAuthority, certificateHash } from '../../../fixtures/certificates/authority.ts';
import { namespaceBeside, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const both = 'a listener with two certificates shows each client the one that it can verify';
const closed = (listener: string): string => `the port of a listener whose certificate is ${listener} stays closed`;
const statuses = 'each of these listeners says what is wrong';

/** What is wrong with each, as its status gives the reason. */
const reasons = { missing: 'InvalidCertificateRef', mismatched: 'InvalidCertificateRef', foreign: 'RefNotPermitted' } as const;

const suites = { ec: 'ECDHE-ECDSA-AES128-GCM-SHA256', rsa: 'ECDHE-RSA-AES128-GCM-SHA256' };

export default defineCheck({
  id: 'tlsopt-cert-secret',
  title: 'A listener serves with the certificates that it refers to, all of them, and is closed where one cannot be used',
  feature: 'tls.listener-options',
  priority: 'P1',
  specification: [
    gatewayApi('ListenerTLSConfig', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/translator/listener/gateway_listener_translator.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'second-left-out', title: 'The listener has one certificate', breaks: both },
    { name: 'secret-present', title: 'The Secret is there', breaks: closed('missing') },
    { name: 'key-matches', title: 'The key is that of the certificate', breaks: closed('mismatched') },
    { name: 'own-namespace', title: 'The Secret is in the namespace of the Gateway', breaks: closed('foreign') },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const authority = await certificateAuthority('servers');
    const [ec, rsa] = await Promise.all([
      authority.issue({ name: host, usage: 'server' }),
      authority.issue({ name: host, usage: 'server', key: 'RSA' }),
    ]);
    const tenant = namespaceBeside(namespace, 'certificates');
    const foreign: Resource = { ...tlsSecret('ec', ec), metadata: { name: 'ec', namespace: tenant.metadata.name } };
    await apply(tenant, foreign, tlsSecret('ec', ec), tlsSecret('rsa', rsa));
    await apply(tlsSecret('mismatched', { ...ec, key: sabotaged('key-matches') ? ec.key : rsa.key }));
    const listener = { protocol: 'HTTPS' } as const;
    const own = await gateways.own(
      gateway('tls')
        .listener({ name: 'both', port: 8443, ...listener, certificates: sabotaged('second-left-out') ? ['ec'] : ['ec', 'rsa'] })
        .listener({ name: 'missing', port: 8444, ...listener, certificates: [sabotaged('secret-present') ? 'ec' : 'missing'] })
        .listener({ name: 'mismatched', port: 8445, ...listener, certificates: ['mismatched'] })
        .listener({
          name: 'foreign',
          port: 8446,
          ...listener,
          certificates: [sabotaged('own-namespace') ? 'ec' : { name: 'ec', namespace: tenant.metadata.name }],
        }),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const send = (name: string, tls: ProbeTls = {}) =>
      own.send({ host, freshConnection: true, tls: { ca: authority.certificate, ...tls } }, name);

    await expect.eventually(both, async () => {
      for (const [identity, suite] of [
        [ec, suites.ec],
        [rsa, suites.rsa],
      ] as const) {
        const exchange = await send('both', { maxVersion: 'TLSv1.2', ciphers: [suite] });
        await reached(exchange, echo);
        same('certificate', exchange.tls?.server?.sha256, certificateHash(identity));
      }
    });

    for (const name of Object.keys(reasons)) {
      await expect.consistently(closed(name), async () => refused(await send(name), { layers: ['connect'], before: echo }));
    }

    await expect.eventually(
      statuses,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        for (const [name, reason] of Object.entries(reasons)) {
          condition(seen, 'ResolvedRefs', { of: `listener ${name}`, status: 'False', reason });
          condition(seen, 'Programmed', { of: `listener ${name}`, status: 'False', reason: 'Invalid' });
        }
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
