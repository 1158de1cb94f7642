// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { reached, refused, same } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const other = 'the listener on a port of its own serves';
const closed = 'nothing of the routes is served on the ports that the proxy keeps for itself';
const lacking = 'the Service of the proxy has the free port only';
const refusedListeners = 'the listeners on such ports are not accepted, and the other one is';

/** Statistics, readiness and administration of the proxy. */
const reserved = [9091, 8082, 19_000];
const free = [9092, 8083, 19_001];

export default defineCheck({
  id: 'boot-reserved-port',
  title: 'A listener on a port that the proxy keeps for itself is refused, and the others work',
  feature: 'gateway.provisioning',
  priority: 'P1',
  specification: [gatewayApi('ListenerConditionAccepted', 'gateway_types.go'), kgatewaySource('pkg/kgateway/validate/listener.go')],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: 'ports-free', title: 'The ports are not among the reserved ones', breaks: closed }],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const ports = sabotaged('ports-free') ? free : reserved;
    const plain = gateway('ports').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const own = await gateways.own(
      ports.reduce((built, port, index) => built.listener({ name: `reserved-${index}`, port, protocol: 'HTTP' }), plain),
    );
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));

    await expect.eventually(other, async () => {
      await reached(await own.get('/', { host }, 'http'), echo);
    });

    await expect.consistently(closed, async () => {
      for (const index of ports.keys())
        await refused(await own.get('/', { host, freshConnection: true }, `reserved-${index}`), { layers: ['connect'], before: echo });
    });

    await expect.now(lacking, async () => {
      const service = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name: own.name });
      const { ports: served } = service?.['spec'] as { readonly ports: readonly { readonly port: number }[] };
      same('ports', served.map(({ port }) => port).join(), '8080');
    });

    await expect.eventually(
      refusedListeners,
      async () => {
        const seen = await kube.get(referenceTo(own.resource, namespace));
        for (const index of ports.keys()) {
          const message = 'port is reserved';
          condition(seen, 'Accepted', { of: `listener reserved-${index}`, status: 'False', reason: 'Invalid', message });
        }
        condition(seen, 'Accepted', { of: 'listener http' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
