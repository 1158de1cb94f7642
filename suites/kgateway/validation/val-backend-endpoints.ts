// SPDX-License-Identifier: Apache-2.0
import type { CheckContext } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { holds, reached } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { backendConfigPolicy } from '../../../fixtures/kgateway/backend-config-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const early = 'a Service that is new is served';
const invalid = 'the policy of another backend says that it is invalid';
const late = 'a Service that is new after that is served as well';

export default defineCheck({
  id: 'val-backend-endpoints',
  title: 'An invalid policy of one backend keeps the endpoints of no other from the proxies',
  feature: 'validation.route-replacement',
  priority: 'P1',
  // It may keep endpoints from the proxies of everyone.
  serial: true,
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/backend.go'),
    kgatewaySource('pkg/kgateway/proxy_syncer/perclient.go'),
  ],
  requires: ['gateway', 'echo', 'otherEcho'],
  sabotages: [{ name: 'service-left-out', title: 'The first Service is never made', breaks: early }],
  async run(context) {
    const { apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, otherEcho } = context;
    const [earlyHost, lateHost] = [hostname('early'), hostname('late')];
    const to = (name: string) => ({ name, port: otherEcho.service.port });
    await apply(
      httpRoute('early')
        .on(gateway)
        .host(earlyHost)
        .rule({ to: to('early') }),
      httpRoute('late')
        .on(gateway)
        .host(lateHost)
        .rule({ to: to('late') }),
    );

    if (!sabotaged('service-left-out')) await aliasOf(otherEcho.service, 'early', context);
    await expect.eventually(early, async () => {
      await reached(await gateway.get('/', { host: earlyHost }), otherEcho);
    });

    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: echo.service.name } };
    const policy = backendConfigPolicy('invalid', [service], { tls: { secretRef: { name: 'missing' }, sni: 'a.test' } });
    await apply(policy);
    await expect.eventually(
      invalid,
      async () => {
        condition(await kube.get(referenceTo(policy, namespace)), 'Accepted', { status: 'False', reason: 'Invalid' });
      },
      { within: budgets.status, streak: 1 },
    );

    await aliasOf(otherEcho.service, 'late', context);
    await expect.eventually(late, async () => {
      await reached(await gateway.get('/', { host: lateHost }), otherEcho);
    });
  },
});

/** Another Service for the same endpoints; the EndpointSlice comes first, so that the Service is never without. */
async function aliasOf(service: { readonly name: string; readonly port: number }, name: string, context: CheckContext): Promise<void> {
  const { apply, kube, namespace } = context;
  const reference = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace, name: `${service.name}-peer` };
  const slice = await kube.get(reference);
  holds(slice !== undefined, `the EndpointSlice of ${service.name}`, 'none');
  const { addressType, endpoints, ports } = slice;
  const labels = { ...slice.metadata.labels, 'kubernetes.io/service-name': name };
  await apply({
    apiVersion: reference.apiVersion,
    kind: reference.kind,
    metadata: { name: `${name}-alias`, labels },
    addressType,
    endpoints,
    ports,
  });
  const port = { name: 'peer', port: service.port, protocol: 'TCP' };
  await apply({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [port] } });
}
