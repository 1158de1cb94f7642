// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { holds, outcome, reached, same } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { askKgateway, xdsAddress, xdsAudience } from '../../../fixtures/kgateway/xds.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const mounted = 'the certificate is mounted into the controller';
const served = 'a proxy gets its configuration: a request reaches the backend';
const trusts = 'the proxy is given the authority by which it knows the controller';
const noPlain = 'the controller says nothing over plain text, whatever the token';
const encrypted = 'the controller shows its certificate at the port for proxies';

/** The name in the certificate; see the installation. */
const serverName = 'kgateway.kgateway-system.svc';

/** By the value of the chart, and by the variable that the binary of 2.2.0 reads. */
const xdsTls = (id: string, title: string, priority: 'P0' | 'P1', installation: string): Check =>
  defineCheck({
    id,
    title,
    feature: 'gateway.xds-security',
    priority,
    installation,
    specification: [
      kgatewaySource('install/helm/kgateway/values.yaml'),
      kgatewaySource('install/helm/kgateway/templates/deployment.yaml'),
      kgatewaySource('api/settings/settings.go'),
    ],
    requires: ['gateways', 'echo', 'proxies'],
    sabotages: [
      { name: 'another-secret', title: 'A Secret of another name is looked for', breaks: mounted },
      { name: 'another-port', title: 'The port for health checks is looked at, which has no TLS', breaks: encrypted },
    ],
    async run(context) {
      const { apply, expect, hostname, kube, namespace, probe, target, sabotaged, gateways, echo, proxies } = context;
      const system = target.controller.namespace;
      await expect.now(mounted, async () => {
        const reference = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: system, name: target.controller.deployment };
        const text = JSON.stringify((await kube.get(reference))?.['spec']);
        const name = sabotaged('another-secret') ? 'kgateway-other-cert' : 'kgateway-xds-cert';
        holds(text.includes(`"secretName":"${name}"`), `a volume of the Secret ${name}`, 'none');
      });

      const host = hostname();
      const own = await gateways.own(gateway('own').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
      await expect.eventually(served, async () => {
        await reached(await own.get('/', { host }), echo);
      });

      const secret = await kube.get({ apiVersion: 'v1', kind: 'Secret', namespace: system, name: 'kgateway-xds-cert' });
      const ca = Buffer.from((secret?.['data'] as Record<string, string>)['ca.crt'] ?? '', 'base64').toString();
      const [pod] = await proxies.pods(own);
      const token = await kube.token({ namespace, name: own.name }, { audience: xdsAudience, pod: pod?.metadata.name ?? '' });

      const atPort = await xdsAddress(context);
      const [controllerPod] = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: system, labelSelector: 'kgateway=kgateway' });
      const { podIP } = controllerPod?.['status'] as { readonly podIP: string };
      const endpoint = sabotaged('another-port') ? { address: podIP, port: 9093 } : atPort;
      await expect.now(encrypted, async () => {
        const exchange = await probe.send(endpoint, { protocol: 'h2', freshConnection: true, tls: { ca, serverName } });
        holds(exchange.response !== undefined, 'an answer of any kind over TLS', outcome(exchange), exchange);
      });
      await expect.now(noPlain, async () => {
        const answer = await askKgateway(context, { pod: pod?.metadata.name ?? '', gateway: own }, { type: 'listeners', token });
        same('resources', answer.resources.length, 0);
      });
      await expect.now(trusts, async () => {
        const map = await kube.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: own.name });
        same('ca.crt', ((map?.['data'] as Record<string, string> | undefined)?.['ca.crt'] ?? '').trim(), ca.trim());
      });
    },
  });

export default [
  xdsTls(
    'helm-xds-tls',
    'With TLS for xDS switched on by the value of the chart, the controller speaks TLS to its proxies',
    'P0',
    'xds-tls',
  ),
  xdsTls(
    'helm-xds-tls-variable',
    'With TLS for xDS switched on by the variable that is read, the controller speaks TLS to its proxies',
    'P1',
    'hardened',
  ),
];
