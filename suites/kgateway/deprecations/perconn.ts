// SPDX-License-Identifier: Apache-2.0
import { holds, reached, same } from '../../../harness/check/matchers.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway, type Gateway } from '../../../fixtures/gateway-api/gateway.ts';
import type { LiveGateway } from '../../../fixtures/gateways.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { listenerPolicy } from '../../../fixtures/kgateway/listener-policy.ts';
import type { Proxies } from '../../../fixtures/proxies.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const specification = [
  envoyDocs('Listener per_connection_buffer_limit_bytes', 'api-v3/config/listener/v3/listener.proto'),
  kgatewaySource('api/annotations/gateway.go'),
  kgatewaySource('pkg/krtcollections/policy.go'),
];

const limited = 'the limit of the annotation is the one of the listener';
const served = 'requests with a body larger than the limit reach the backend whole';
const warned = 'the controller warns that the annotation is deprecated';
const unreadable = 'an annotation that is no quantity leaves the default, and the Gateway serves';
const overridden = 'the limit of the policy wins over the one of the annotation';
const perPort = 'for a port that the policy names its limit for the port counts';
const replacedWhole = 'an entry for a port that states no limit leaves the annotation’s';
const attached = 'the policy says that it is attached';

const annotation = 'kgateway.dev/per-connection-buffer-limit';
/** 32Ki, and what other limits are set beside it. */
const [ofAnnotation, ofPolicy, ofPort] = [32_768, 65_536, 16_384];

export default [
  defineCheck({
    id: 'perconn-annotation',
    title: 'The deprecated annotation still limits the buffers of connections, and the controller says that it is deprecated',
    feature: 'listener.connection-buffer',
    priority: 'P1',
    specification,
    requires: ['gateways', 'proxies', 'echo'],
    sabotages: [
      { name: 'annotation-left-out', title: 'The Gateway has no annotation', breaks: limited },
      { name: 'readable-after-all', title: 'The annotation that should be no quantity is one', breaks: unreadable },
    ],
    async run({ apply, expect, hostname, kube, namespace, sabotaged, target, gateways, proxies, echo }) {
      const host = hostname();
      const startedAt = new Date();
      const edge = httpGateway();
      const own = await gateways.own(sabotaged('annotation-left-out') ? edge : edge.annotated({ [annotation]: '32Ki' }));
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));

      await expect.eventually(limited, async () => same('limit', await limitOf(proxies, own, 8080), ofAnnotation));
      await expect.eventually(served, async () => {
        const body = 'x'.repeat(4 * ofAnnotation);
        await reached(await own.send({ method: 'POST', host, body }), echo);
      });
      await expect.eventually(warned, async () => {
        const { namespace: of, deployment } = target.controller;
        const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: of });
        const controllers = pods.filter(({ metadata }) => metadata.name.startsWith(`${deployment}-`));
        const logs = await Promise.all(
          controllers.map(({ metadata }) => kube.logs({ namespace: of, name: metadata.name }, { since: startedAt })),
        );
        const lines = logs
          .join('')
          .split('\n')
          .filter((line) => line.includes(`${namespace}/${own.name}`) && line.includes(annotation));
        holds(
          lines.some((line) => /deprecated/.test(line)),
          'a warning that names Gateway and annotation',
          `${lines.length} lines`,
        );
      });

      const broken = sabotaged('readable-after-all') ? '16Ki' : 'plenty';
      const again = await gateways.own(httpGateway().annotated({ [annotation]: broken }));
      await expect.eventually(unreadable, async () => {
        same('limit', await limitOf(proxies, again, 8080), 'the default');
        await reached(await again.get('/', { host, freshConnection: true }), echo);
      });
    },
  }),
  defineCheck({
    id: 'perconn-lp-wins',
    title: 'A ListenerPolicy wins over the deprecated annotation',
    feature: 'listener.connection-buffer',
    specification,
    requires: ['gateways', 'proxies', 'echo'],
    sabotages: [
      { name: 'policy-left-out', title: 'There is no policy', breaks: overridden },
      { name: 'port-left-out', title: 'The policy has nothing for the port', breaks: perPort },
      { name: 'port-inherits', title: 'The entry that should state no limit states the default one', breaks: replacedWhole },
    ],
    async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, proxies, echo }) {
      const host = hostname();
      const edge = httpGateway()
        .listener({ name: 'other', port: 8180, protocol: 'HTTP' })
        .listener({ name: 'bare', port: 8280, protocol: 'HTTP' })
        .annotated({ [annotation]: '32Ki' });
      const policy = listenerPolicy('limits', [edge], {
        default: { perConnectionBufferLimitBytes: ofPolicy },
        perPort: [
          ...(sabotaged('port-left-out') ? [] : [{ port: 8180, listener: { perConnectionBufferLimitBytes: ofPort } }]),
          { port: 8280, listener: sabotaged('port-inherits') ? { perConnectionBufferLimitBytes: ofPolicy } : {} },
        ],
      });
      if (!sabotaged('policy-left-out')) await apply(policy);
      const own = await gateways.own(edge);
      await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));

      await expect.eventually(served, async () => {
        await reached(await own.send({ method: 'POST', host, body: 'x'.repeat(4 * ofPolicy) }), echo);
      });
      await expect.eventually(overridden, async () => same('limit', await limitOf(proxies, own, 8080), ofPolicy));
      await expect.eventually(perPort, async () => same('limit', await limitOf(proxies, own, 8180), ofPort));
      await expect.eventually(replacedWhole, async () => same('limit', await limitOf(proxies, own, 8280), ofAnnotation));
      await expect.eventually(
        attached,
        async () => {
          condition(await kube.get(referenceTo(policy, namespace)), 'Attached', { reason: 'Attached', of: `ancestor ${own.name}` });
        },
        { within: budgets.status, streak: 1 },
      );
    },
  }),
];

function httpGateway(): Gateway {
  return gateway('limits').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
}

/** What the proxy was told for a port: a number of bytes, or nothing, which leaves it Envoy's default. */
async function limitOf(proxies: Proxies, own: LiveGateway, port: number): Promise<number | string> {
  const listener = (await proxies.listeners(own)).find(({ address }) => address.socket_address.port_value === port);
  if (listener === undefined) return 'no listener';
  return listener.per_connection_buffer_limit_bytes ?? 'the default';
}
