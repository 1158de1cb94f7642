// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { holds, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { untilServed } from '../../../fixtures/gateways.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const followed = 'requests follow the endpoints of a Service, there and back';
const invalid = 'the policy of another backend says that it is invalid';
const stillFollowed = 'with that policy, requests still follow the endpoints of the Service';

export default defineCheck({
  id: 'val-backend-endpoints',
  title: 'An invalid policy of one backend does not keep the endpoints of the others from the proxies',
  feature: 'validation.route-replacement',
  priority: 'P1',
  // It may keep endpoints from the proxies of everyone.
  serial: true,
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
    kgatewaySource('pkg/kgateway/proxy_syncer/perclient.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [{ name: 'endpoints-stay', title: 'The endpoints of the Service stay as they are', breaks: followed }],
  async run(context) {
    const { apply, defer, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho } = context;
    const host = hostname();
    const moving = { name: 'moving', port: echo.service.port };
    await endpointsAs(otherEcho.service.name, moving.name, context);
    const port = { name: 'peer', port: moving.port, protocol: 'TCP' };
    await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: moving.name }, spec: { ports: [port] } });
    await apply(httpRoute('app').on(gateway).host(host).rule({ to: moving }));

    for (const backend of [otherEcho, echo, otherEcho]) {
      if (!sabotaged('endpoints-stay')) await endpointsAs(backend.service.name, moving.name, context);
      await expect.eventually(followed, async () => {
        await reached(await gateway.get('/', { host }), backend);
      });
    }

    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const policy = backendConfigPolicy('invalid', [service], { tls: { secretRef: { name: 'missing' }, sni: 'a.test' } });
    defer(() => untilServed(gateway, host, budgets.status));
    await apply(policy);
    await expect.eventually(
      invalid,
      async () => {
        condition(await kube.get(referenceTo(policy, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
      },
      { within: budgets.status, streak: 1 },
    );

    await endpointsAs(echo.service.name, moving.name, context);
    // Without that policy it took well under a second, twice.
    await expect.eventually(
      stillFollowed,
      async () => {
        await reached(await gateway.get('/', { host }), echo);
      },
      { within: seconds(10) },
    );
  },
});

/** Gives the Service the endpoints of a peer's own. */
async function endpointsAs(peer: string, service: string, { apply, kube, namespace }: CheckContext): Promise<void> {
  const [apiVersion, kind] = ['discovery.k8s.io/v1', 'EndpointSlice'];
  const slice = await kube.get({ apiVersion, kind, namespace, name: `${peer}-peer` });
  holds(slice !== undefined, `the EndpointSlice of ${peer}`, 'none');
  const { addressType, endpoints, ports, metadata } = slice;
  const labels = { ...metadata.labels, 'kubernetes.io/service-name': service };
  await apply({ apiVersion, kind, metadata: { name: `${service}-peer`, labels }, addressType, endpoints, ports });
}
