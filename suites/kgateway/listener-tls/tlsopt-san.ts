// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused } from '../../../harness/check/matchers.ts';
import { certificateAuthority, type Identity } from '../../../fixtures/certificates/authority.ts';
import { caConfigMap, tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const named = 'a client whose certificate has one of the names reaches the backend';
const refusal = (what: string): string => `a client of the same authority with ${what} is refused`;
const stricter = 'the names count for more than the insecure fallback: without a certificate, or with another name, a client is refused';
const noAuthority = 'without an authority the port is closed, and its listener says why';

const name = 'mtls.example.com';
/** Names as the option has them. */
const option = { 'kgateway.dev/verify-subject-alt-names': `${name}, 192.0.2.1, spiffe://mtls.example.com/alice` };

/** Certificates of the right authority that do not have one of the names as a DNS name. */
const strangers = {
  'another name': { name: 'mallory', dnsNames: ['other.example.com'] },
  'a name that only begins alike': { name: 'mallory', dnsNames: [`${name}.attacker.test`] },
  'a name below it': { name: 'mallory', dnsNames: [`sub.${name}`] },
  'the name as its common name only': { name, dnsNames: [] },
  'the text of a name as its address': { name: 'mallory', dnsNames: [], otherNames: [{ type: 'ip', value: '192.0.2.1' }] },
  'the text of a name as its URI': {
    name: 'mallory',
    dnsNames: [],
    otherNames: [{ type: 'url', value: 'spiffe://mtls.example.com/alice' }],
  },
} as const;

export default defineCheck({
  id: 'tlsopt-san',
  title: 'A listener that names subject alternative names admits client certificates with one of these DNS names only',
  feature: 'tls.certificate-pinning',
  specification: [
    kgatewaySource('pkg/kgateway/translator/sslutils/ssl_utils.go'),
    envoyDocs('CertificateValidationContext', 'api-v3/extensions/transport_sockets/tls/v3/common.proto'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'option-left-out', title: 'The listener names no names', breaks: refusal('another name') },
    { name: 'names-of-others', title: 'The listener names another name', breaks: named },
    { name: 'common-name-repeated', title: 'The name stands beside the common name', breaks: refusal('the name as its common name only') },
    { name: 'fallback-without-names', title: 'The listener with the fallback names no names', breaks: stricter },
    { name: 'authority-there', title: 'There is an authority for the listener without one', breaks: noAuthority },
  ],
  async run({ apply, budgets, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const [servers, clients] = await Promise.all([certificateAuthority('servers'), certificateAuthority('clients')]);
    await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })), caConfigMap('clients', [clients]));
    const others = { 'kgateway.dev/verify-subject-alt-names': 'bob.example.com' };
    const options = sabotaged('option-left-out') ? {} : sabotaged('names-of-others') ? others : option;
    const listener = { protocol: 'HTTPS', certificates: ['server'] } as const;
    const own = await gateways.own(
      gateway('tls')
        .listener({ name: 'https', port: 8443, ...listener, options })
        .listener({ name: 'fallback', port: 8444, ...listener, options: sabotaged('fallback-without-names') ? {} : option })
        .clientCertificates(
          { mode: 'AllowValidOnly', cas: ['clients'] },
          { port: 8444, validation: { mode: 'AllowInsecureFallback', cas: ['clients'] } },
        ),
    );
    const unguarded = gateway('unguarded')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'https', port: 8443, ...listener, options: option });
    const bare = await gateways.own(sabotaged('authority-there') ? unguarded.clientCertificates({ cas: ['clients'] }) : unguarded);
    await apply(httpRoute('app').on(own).on(bare).host(host).rule({ to: echo.service }));
    const request = (identity?: Identity) => ({ host, freshConnection: true, tls: { ca: servers.certificate, ...identity } });
    const alice = await clients.issue({ name: 'alice', usage: 'client', dnsNames: ['alice.example.com', name] });

    await expect.eventually(named, async () => {
      await reached(await own.send(request(alice), 'https'), echo);
    });

    for (const [what, leaf] of Object.entries(strangers)) {
      const isRepeated = sabotaged('common-name-repeated') && leaf.dnsNames.length === 0 && leaf.name === name;
      const client = await clients.issue({ usage: 'client', ...leaf, ...(isRepeated ? { dnsNames: [name] } : {}) });
      await expect.eventually(refusal(what), async () =>
        refused(await own.send(request(client), 'https'), { layers: ['tls'], before: echo }),
      );
    }

    const mallory = await clients.issue({ name: 'mallory', usage: 'client' });
    await expect.eventually(stricter, async () => {
      await reached(await own.send(request(alice), 'fallback'), echo);
      await refused(await own.send(request(), 'fallback'), { layers: ['tls'], before: echo });
      await refused(await own.send(request(mallory), 'fallback'), { layers: ['tls'], before: echo });
    });

    await expect.eventually(
      noAuthority,
      async () => {
        await reached(await bare.get('/', { host }, 'http'), echo);
        await refused(await bare.send(request(alice), 'https'), { layers: ['connect'], before: echo });
        const seen = await kube.get(referenceTo(bare.resource, namespace));
        const message = 'requires a trusted CA';
        condition(seen, 'ResolvedRefs', { of: 'listener https', status: 'False', reason: 'InvalidCertificateRef', message });
      },
      { within: budgets.status },
    );
  },
});
