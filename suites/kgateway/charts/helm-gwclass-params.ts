// SPDX-License-Identifier: Apache-2.0
import { reached, same } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { classParameters } from '../../../fixtures/targets/kgateway/installations.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const refers = 'the GatewayClass refers to the parameters of the chart’s value';
const serves = 'a Gateway of the class serves';
const shaped = 'its proxies are made as the parameters of the class say';
const overridden = 'what the parameters of a Gateway say goes before those of its class, and the rest stays';

export default defineCheck({
  id: 'helm-gwclass-params',
  title: 'Parameters that the chart sets for its GatewayClass shape every Gateway of the class, and a Gateway may differ',
  feature: 'gateway.charts',
  priority: 'P1',
  installation: 'hardened',
  specification: [
    kgatewaySource('install/helm/kgateway/values.yaml'),
    kgatewaySource('api/v1alpha1/kgateway/gateway_parameters_types.go'),
    gatewayApi('GatewayClassSpec', 'gatewayclass_types.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'gateway-differs', title: 'The Gateway has parameters of its own that say otherwise', breaks: shaped },
    { name: 'own-left-out', title: 'The second Gateway has no parameters of its own', breaks: overridden },
  ],
  async run({ apply, expect, hostname, kube, namespace, target, sabotaged, budgets, gateways, echo }) {
    const host = hostname();
    const one = gatewayParameters('one', { kube: { deployment: { replicas: 1 } } });
    await apply(one);
    // Written by the controller that leads, which a new installation does not have at once.
    await expect.eventually(
      refers,
      async () => {
        const found = await kube.get({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', name: target.gatewayClass });
        const { parametersRef } = found?.['spec'] as { readonly parametersRef?: { readonly name: string; readonly namespace: string } };
        same('name', parametersRef?.name, classParameters.metadata.name);
        same('namespace', parametersRef?.namespace, classParameters.metadata.namespace);
      },
      { within: budgets.status, streak: 1 },
    );

    const listener = { name: 'http', port: 8080, protocol: 'HTTP' } as const;
    const plain = gateway('plain').listener(listener);
    const own = await gateways.own(sabotaged('gateway-differs') ? plain.parameters(one) : plain);
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    await expect.eventually(serves, async () => {
      await reached(await own.get('/', { host }), echo);
    });
    await expect.now(shaped, async () => {
      same('shape', await shapeOf(own.name), '2 replicas, ClusterIP, class');
    });

    const differs = gateway('differs').listener(listener);
    const other = await gateways.own(sabotaged('own-left-out') ? differs : differs.parameters(one));
    await expect.now(overridden, async () => {
      same('shape', await shapeOf(other.name), '1 replicas, ClusterIP, class');
    });

    async function shapeOf(name: string): Promise<string> {
      const deployment = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });
      const service = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
      const { replicas, template } = deployment?.['spec'] as {
        readonly replicas: number;
        readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> } };
      };
      const { type } = service?.['spec'] as { readonly type: string };
      return `${replicas} replicas, ${type}, ${template.metadata.labels['gauntlet.dev/parameters'] ?? 'no label'}`;
    }
  },
});
