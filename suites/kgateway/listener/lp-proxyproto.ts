// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { header, reached, refused } from '../../../harness/check/matchers.ts';
import type { ProbeRequest, ProxyHeader } from '../../../harness/probe/exchange.ts';
import { certificateAuthority } from '../../../fixtures/certificates/authority.ts';
import { tlsSecret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { tcpRoute } from '../../../fixtures/gateway-api/tcp-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const specification = [
  envoyDocs('Proxy Protocol', 'configuration/listeners/listener_filters/proxy_protocol'),
  kgatewaySource('api/v1alpha1/kgateway/listener_policy_types.go'),
];

const passedOn = (listener: string, version: 1 | 2) =>
  `over ${listener}, a request behind a PROXY header of version ${version} reaches the backend from the address in it`;
const bare = (listener: string) => `over ${listener}, a connection without the header is refused before the backend sees anything`;
const streamPassedOn = 'over TCP, a stream behind a PROXY header reaches the backend';
const accepted = 'the policy says that it is accepted and attached';
const openAsEver = 'a port that the policy does not name takes connections without the header';
const notBelieved = 'on a port that the policy does not name nobody can claim an address';

const http = { name: 'http', port: 8080, protocol: 'HTTP' } as const;
const https = { name: 'https', port: 8443, protocol: 'HTTPS', certificates: ['server'] } as const;
const tcp = { name: 'tcp', port: 9000, protocol: 'TCP' } as const;
/** An address of the documentation, which no client here has. */
const claimed = '203.0.113.7';
const claim = (version: ProxyHeader['version'] = 1): ProxyHeader => ({ version, source: claimed });

export default [
  defineCheck({
    id: 'lp-proxyproto',
    title: 'A listener with PROXY protocol takes the client from the header and refuses connections without it',
    feature: 'listener.proxy-protocol',
    specification,
    requires: ['gateways', 'echo'],
    sabotages: [
      { name: 'policy-left-out', title: 'There is no policy', breaks: passedOn('HTTP', 1) },
      { name: 'policy-taken-away', title: 'The policy goes before connections without the header are tried', breaks: bare('HTTP') },
    ],
    async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
      const host = hostname();
      const servers = await certificateAuthority('servers');
      const edge = gateway('proxied').listener(http).listener(https).listener(tcp);
      const policy = listenerPolicy('proxied', [edge], { default: { proxyProtocol: {} } });
      await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })));
      if (!sabotaged('policy-left-out')) await apply(policy);
      const own = await gateways.own(edge);
      await apply(
        httpRoute('app').on(own, 'http').on(own, 'https').host(host).rule({ to: echo.service }),
        tcpRoute('stream', { gateway: own, listener: 'tcp', to: echo.service }),
      );
      const request = { host, freshConnection: true } satisfies ProbeRequest;
      const overHttp = (proxyProtocol?: ProxyHeader) => own.send({ ...request, ...(proxyProtocol && { proxyProtocol }) }, 'http');
      const overTls = (proxyProtocol?: ProxyHeader) =>
        own.send({ ...request, tls: { ca: servers.certificate }, ...(proxyProtocol && { proxyProtocol }) }, 'https');
      const overTcp = (proxyProtocol?: ProxyHeader) => own.send({ ...request, ...(proxyProtocol && { proxyProtocol }) }, 'tcp');

      for (const [listener, send] of [
        ['HTTP', overHttp],
        ['HTTPS', overTls],
      ] as const) {
        for (const version of [1, 2] as const) {
          await expect.eventually(passedOn(listener, version), async () =>
            header(await reached(await send(claim(version)), echo), 'x-forwarded-for', claimed),
          );
        }
      }
      await expect.eventually(streamPassedOn, async () => {
        await reached(await overTcp(claim()), echo);
      });

      if (sabotaged('policy-taken-away')) await kube.remove(referenceTo(policy, namespace));
      for (const [listener, send] of [
        ['HTTP', overHttp],
        ['HTTPS', overTls],
        ['TCP', overTcp],
      ] as const) {
        await expect.consistently(bare(listener), async () => refused(await send(), { layers: ['connect', 'tls', 'http'], before: echo }));
      }

      await expect.eventually(
        accepted,
        async () => {
          const stored = await kube.get(referenceTo(policy, namespace));
          condition(stored, 'Accepted', { reason: 'Valid', of: `ancestor ${own.name}` });
          condition(stored, 'Attached', { reason: 'Attached', of: `ancestor ${own.name}` });
        },
        { within: budgets.status, streak: 1 },
      );
    },
  }),
  defineCheck({
    id: 'lp-proxyproto-perport',
    title: 'PROXY protocol for one port leaves the others as they are',
    feature: 'listener.proxy-protocol',
    priority: 'P1',
    specification,
    requires: ['gateways', 'echo'],
    sabotages: [
      { name: 'policy-left-out', title: 'There is no policy', breaks: passedOn('HTTPS', 1) },
      { name: 'for-all-ports', title: 'The policy is for all ports', breaks: openAsEver },
    ],
    async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
      const host = hostname();
      const servers = await certificateAuthority('servers');
      const edge = gateway('proxied').listener(http).listener(https);
      const proxied = { proxyProtocol: {} };
      const policy = listenerPolicy(
        'proxied',
        [edge],
        sabotaged('for-all-ports') ? { default: proxied } : { perPort: [{ port: https.port, listener: proxied }] },
      );
      await apply(tlsSecret('server', await servers.issue({ name: host, usage: 'server' })));
      if (!sabotaged('policy-left-out')) await apply(policy);
      const own = await gateways.own(edge);
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
      const tls = { ca: servers.certificate };

      await expect.eventually(passedOn('HTTPS', 1), async () =>
        header(await reached(await own.send({ host, tls, proxyProtocol: claim() }, 'https'), echo), 'x-forwarded-for', claimed),
      );
      await expect.eventually(openAsEver, async () => {
        await reached(await own.send({ host, freshConnection: true }, 'http'), echo);
      });
      await expect.consistently(bare('HTTPS'), async () =>
        refused(await own.send({ host, tls, freshConnection: true }, 'https'), { layers: ['connect', 'tls', 'http'], before: echo }),
      );
      await expect.consistently(notBelieved, async () => {
        const exchange = await own.send({ host, proxyProtocol: claim() }, 'http');
        const arrivals = await echo.arrivals(exchange.id);
        for (const arrival of arrivals) header(arrival, 'x-forwarded-for', new RegExp(`^(?!.*${claimed.replaceAll('.', '[.]')})`));
      });
    },
  }),
];
