// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { same } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { askKgateway, xdsAudience } from '../../../fixtures/kgateway/xds.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const accepted = 'the Gateway is accepted';
const served = 'a proxy with the name of the Gateway gets its routes';
const nothing = 'the controller makes neither Deployment nor Service nor ServiceAccount nor ConfigMap for it';

const name = 'own';
const kinds = [
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
] as const;

export default defineCheck({
  id: 'boot-self-managed',
  title: 'For a Gateway whose proxies are made by others the controller makes none, and serves them its configuration',
  feature: 'gateway.provisioning',
  priority: 'P1',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/gateway_parameters_types.go'),
    kgatewaySource('pkg/kgateway/deployer/gateway_parameters.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [{ name: 'parameters-left-out', title: 'The Gateway does not say that its proxies are made by others', breaks: nothing }],
  async run(context) {
    const { apply, expect, hostname, kube, namespace, target, sabotaged, budgets, gateways, echo } = context;
    const host = hostname();
    const parameters = gatewayParameters('self-managed', { selfManaged: {} });
    const plain = gateway(name)
      .ofClass(target.gatewayClass)
      .inNamespace(namespace)
      .listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const own = sabotaged('parameters-left-out') ? plain : plain.parameters(parameters);
    await apply(parameters, own, httpRoute('app').on({ name, namespace }).host(host).rule({ to: echo.service }));
    // Stands for the proxy that someone else runs: the controller takes its token for the Gateway of the account's name, and looks up its pod.
    const proxy = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: sabotaged('parameters-left-out') ? 'elsewhere' : name } };
    await apply(proxy, podOf(proxy.metadata.name, target.images.proxy.reference));

    await expect.eventually(
      accepted,
      async () => {
        condition(await kube.get(referenceTo(own, namespace)), 'Accepted', { of: '' });
      },
      { within: budgets.status, streak: 1 },
    );

    // Made by the controller after the other one: when this one has its proxy, the other one would have it too.
    await gateways.own(gateway('managed').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    await expect.consistently(nothing, async () => {
      for (const [apiVersion, kind] of kinds) {
        const found = await kube.get({ apiVersion, kind, namespace, name });
        const isOurs = kind === 'ServiceAccount' && found?.metadata.labels?.['gateway.networking.k8s.io/gateway-name'] === undefined;
        same(kind, found === undefined || isOurs ? 'none' : found.metadata.name, 'none');
      }
    });

    const token = await kube.token({ namespace, name }, { audience: xdsAudience, pod: 'proxy' });
    await expect.eventually(served, async () => {
      const answer = await askKgateway(
        context,
        { pod: 'proxy', gateway: { name, namespace } },
        { type: 'routes', token, names: ['listener~8080'] },
      );
      same('outcome', answer.outcome, 'resources');
      same('routes of the host', answer.resources.filter((resource) => resource.includes(host)).length, 1);
    });
  },
});

/** A pod that does nothing. */
function podOf(serviceAccountName: string, image: string): Resource {
  const container = { name: 'idle', image, command: ['/bin/sh', '-c', 'sleep 600'] };
  const spec = { serviceAccountName, terminationGracePeriodSeconds: 0, containers: [container] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'proxy' }, spec };
}
