// SPDX-License-Identifier: Apache-2.0
import { header, holds, reached } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const appended = 'by default, the address of the connection is the client’s, and joins what the client claims';
const trusted = 'with one trusted hop, the last address that the request brings is the client’s';
const believed = 'without useRemoteAddress, the addresses that the request brings stay as they are';

/** What a client claims: an address that it made up, and the one that a proxy in front would have added. */
const [madeUp, added] = ['203.0.113.7', '198.51.100.9'];
const claims = `${madeUp}, ${added}`;

export default defineCheck({
  id: 'lp-xff',
  title: 'Whose address a request counts for is decided by the hops that the listener trusts',
  feature: 'listener.http-settings',
  priority: 'P1',
  specification: [
    envoyDocs('x-forwarded-for', 'configuration/http/http_conn_man/headers#x-forwarded-for'),
    kgatewaySource('api/v1alpha1/kgateway/http_listener_policy_types.go'),
  ],
  requires: ['gateways', 'echo', 'rateLimit'],
  sabotages: [
    { name: 'believes-by-default', title: 'Clients are believed by default', breaks: appended },
    { name: 'two-hops', title: 'Two hops are trusted', breaks: trusted },
    { name: 'policy-left-out', title: 'There is no policy', breaks: trusted },
    { name: 'uses-remote-address', title: 'Every port uses the address of the connection', breaks: believed },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, rateLimit }) {
    const host = hostname();
    const edge = gateway('hops')
      .listener({ name: 'default', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'one-hop', port: 8180, protocol: 'HTTP' })
      .listener({ name: 'believing', port: 8280, protocol: 'HTTP' });
    if (!sabotaged('policy-left-out')) {
      await apply(
        listenerPolicy('hops', [edge], {
          ...(sabotaged('believes-by-default') ? { default: { httpSettings: { useRemoteAddress: false } } } : {}),
          perPort: [
            { port: 8180, listener: { httpSettings: { xffNumTrustedHops: sabotaged('two-hops') ? 2 : 1 } } },
            { port: 8280, listener: { httpSettings: { useRemoteAddress: sabotaged('uses-remote-address') } } },
          ],
        }),
      );
    }
    const route = httpRoute('app').host(host).rule({ to: echo.service });
    await apply(
      gatewayExtension('limits', { rateLimit: { domain: 'hops', grpcService: { backendRef: rateLimit.service } } }),
      trafficPolicy('limits', [route], {
        rateLimit: {
          global: {
            descriptors: [{ entries: [{ type: 'Header', header: 'x-gauntlet-id' }, { type: 'RemoteAddress' }] }],
            extensionRef: { name: 'limits' },
          },
        },
      }),
    );
    const own = await gateways.own(edge);
    await apply(route.on(own));
    /** What the backend is told, and whom the rate limit counts the request for. */
    const seen = async (listener: string) => {
      const exchange = await own.get('/', { host, headers: { 'x-forwarded-for': claims } }, listener);
      const arrival = await reached(exchange, echo);
      const descriptors = (await rateLimit.arrivals()).flatMap((one) => one.descriptors ?? []);
      const mine = descriptors.find((entries) => entries.some(({ value }) => value === exchange.id)) ?? [];
      return { exchange, arrival, countedFor: mine.find(({ key }) => key === 'remote_address')?.value ?? 'nobody' };
    };

    await expect.eventually(appended, async () => {
      const { exchange, arrival, countedFor } = await seen('default');
      header(arrival, 'x-forwarded-for', new RegExp(`^${madeUp}, ?${added}, ?${countedFor}$`));
      holds(![madeUp, added, 'nobody'].includes(countedFor), 'counted for the connection', `counted for ${countedFor}`, exchange);
    });
    await expect.eventually(trusted, async () => {
      const { exchange, countedFor } = await seen('one-hop');
      holds(countedFor === added, `counted for ${added}`, `counted for ${countedFor}`, exchange);
    });
    await expect.eventually(believed, async () => {
      const { exchange, arrival, countedFor } = await seen('believing');
      header(arrival, 'x-forwarded-for', claims);
      holds(countedFor === added, `counted for ${added}`, `counted for ${countedFor}`, exchange);
    });
  },
});
