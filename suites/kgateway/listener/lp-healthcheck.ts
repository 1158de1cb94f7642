// SPDX-License-Identifier: Apache-2.0
import { denied, holds, outcome, reached, status } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const healthy = 'the path of the health check is answered by the proxy, for the host of a route and for any other';
const routed = 'other paths reach the backend';
const exact = 'a path that only begins like it is no health check';
const secured = 'where a policy of the listener asks an authorization server, the health check of a routed host is asked for, too';
const unrouted = 'a host without a route has nothing to ask for, so its health check is answered';
const stillHealthy = 'the proxy itself answers it at the address of its pod';
const draining = 'a proxy that is about to go answers the health check with 503';

export default defineCheck({
  id: 'lp-healthcheck',
  title: 'The proxy answers a health check by itself, and tells when it is going',
  feature: 'listener.http-settings',
  specification: [
    envoyDocs('Health check filter', 'configuration/http/http_filters/health_check_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/listenerpolicy/listener_plugin.go'),
  ],
  requires: ['gateways', 'proxies', 'echo', 'extAuth'],
  sabotages: [
    { name: 'policy-left-out', title: 'There is no policy', breaks: healthy },
    { name: 'proxy-stays', title: 'Nothing makes the proxy go', breaks: draining },
  ],
  async run({ apply, expect, hostname, kube, probe, sabotaged, gateways, proxies, echo, extAuth }) {
    const host = hostname();
    const edge = gateway('health')
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'asks', port: 8180, protocol: 'HTTP' });
    const asking = gatewayExtension('authz', { extAuth: { grpcService: { backendRef: extAuth.service } } });
    await apply(asking, trafficPolicy('asks', [{ resource: edge, sectionName: 'asks' }], { extAuth: { extensionRef: { name: 'authz' } } }));
    if (!sabotaged('policy-left-out')) {
      await apply(listenerPolicy('health', [edge], { default: { httpSettings: { healthCheck: { path: '/health_check' } } } }));
    }
    const own = await gateways.own(edge);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    const isHealthy = async (name: string) =>
      denied(await own.get('/health_check', { host: name }), { status: 200, body: '', before: echo });

    await expect.eventually(healthy, async () => {
      await isHealthy(host);
      await isHealthy(hostname('unknown'));
    });
    await expect.eventually(routed, async () => {
      await reached(await own.get('/', { host }), echo);
    });
    await expect.eventually(exact, async () => {
      await reached(await own.get('/health_check/deeper', { host }), echo);
    });

    const over = (name: string, headers = {}) => own.get('/health_check', { host: name, headers }, 'asks');
    await expect.eventually(secured, async () => {
      await denied(await over(host, { 'x-ext-authz': 'allow' }), { status: 200, body: '', before: echo });
      await denied(await over(host), { status: 403, before: echo });
    });
    await expect.eventually(unrouted, async () => {
      await denied(await over(hostname('unknown')), { status: 200, body: '', before: echo });
    });

    // Deleting a pod is what makes a proxy fail its health check, from its preStop hook on.
    const [pod] = await proxies.pods(own);
    const { podIP = '' } = pod?.['status'] as { readonly podIP?: string };
    const atThePod = () => probe.send({ address: podIP, port: 8080 }, { path: '/health_check', host });
    await expect.eventually(stillHealthy, async () => {
      status(await atThePod(), 200);
    });
    if (!sabotaged('proxy-stays'))
      await kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace: own.namespace, name: pod?.metadata.name ?? '' });
    await expect.eventually(draining, async () => {
      const exchange = await atThePod();
      holds(exchange.response?.status === 503 && exchange.response.body === '', '503 without a body', outcome(exchange), exchange);
    });
  },
});
