// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { holds, reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const classAccepted = 'the controller of the second chart accepts its own class';
const accepted = 'the controller of the second chart accepts a Gateway of its class';
const leases = 'each of the two controllers leads by a lease of its own';
const serves = 'a Gateway of the first chart’s class serves';
const calm = 'no status of the first chart’s objects is written again and again';

const otherClass = 'agentgateway';
const listener = { name: 'http', port: 8080, protocol: 'HTTP' } as const;

export default defineCheck({
  id: 'helm-two-charts',
  title: 'The charts of kgateway and agentgateway stand in one cluster, and neither controller disturbs the other',
  feature: 'gateway.charts',
  priority: 'P1',
  // It makes definitions and a class, which everybody sees.
  serial: true,
  specification: [
    kgatewaySource('pkg/kgateway/setup/setup.go'),
    kgatewaySource('test/e2e/features/parallelcontrollers/suite.go'),
    kgatewaySource('install/helm/agentgateway/values.yaml'),
  ],
  requires: ['gateways', 'echo', 'charts', 'controller'],
  sabotages: [
    { name: 'second-left-out', title: 'The second chart is not installed', breaks: classAccepted },
    { name: 'labels-written', title: 'Labels of the GatewayClass are written all the time', breaks: calm },
  ],
  async run({ apply, expect, hostname, kube, namespace, target, defer, sabotaged, budgets, gateways, echo, charts, controller }) {
    const host = hostname();
    const { image } = target.charts.at(-1)?.values as { readonly image: { readonly registry: string; readonly tag: string } };
    const { registry, tag } = image;
    // One binary is both controllers, so the image of the first serves the second.
    const values = { controller: { image: { registry, tag, repository: 'kgateway' } }, image: { tag } };
    await apply(...(await charts.render({ chart: 'agentgateway-crds', namespace, values: {} })));
    if (!sabotaged('second-left-out')) await apply(...(await charts.render({ chart: 'agentgateway', namespace, values })));
    const classReference = (name: string) => ({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', name });
    // The controller makes its class anew as long as it lives.
    defer(async () => {
      const wait = budgets.gateway;
      await kube.remove({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'agentgateway' }, { wait });
      for (const { metadata } of await kube.list(
        { apiVersion: 'v1', kind: 'Pod' },
        { namespace, labelSelector: 'agentgateway=agentgateway' },
      ))
        await kube.remove({ apiVersion: 'v1', kind: 'Pod', namespace, name: metadata.name }, { wait, graceSeconds: 0 });
      await kube.remove(classReference(otherClass));
    });
    const other = gateway('second').ofClass(otherClass).listener(listener);

    await expect.eventually(
      classAccepted,
      async () => {
        condition(await kube.get(classReference(otherClass)), 'Accepted');
      },
      { within: budgets.gateway, streak: 1 },
    );
    await apply(other);
    await expect.eventually(
      accepted,
      async () => {
        condition(await kube.get(referenceTo(other, namespace)), 'Accepted', { of: '' });
      },
      { within: budgets.status, streak: 1 },
    );

    const own = await gateways.own(gateway('first').listener(listener));
    await apply(httpRoute('app').on(own).host(host).rule({ to: echo.service }));
    await expect.eventually(serves, async () => {
      await reached(await own.get('/', { host }), echo);
    });

    await expect.eventually(
      leases,
      async () => {
        const holder = async (of: string, name: string) => {
          const lease = await kube.get({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: of, name });
          const { holderIdentity } = (lease?.['spec'] ?? {}) as { readonly holderIdentity?: string };
          holds((holderIdentity ?? '') !== '', `a holder of ${name}`, 'none');
          return holderIdentity ?? '';
        };
        const first = await holder(target.controller.namespace, 'kgateway-envoy');
        const second = await holder(namespace, 'kgateway-agentgateway');
        same('one holder for both', first === second, false);
        same('leader of the first', first.startsWith((await controller.leader()) ?? 'nobody'), true);
      },
      { within: budgets.status, streak: 1 },
    );

    const versions = async (): Promise<string> => {
      const seen = await Promise.all([kube.get(classReference(target.gatewayClass)), kube.get(referenceTo(own.resource, namespace))]);
      return seen.map((object) => object?.metadata.resourceVersion ?? 'gone').join();
    };
    const settled = await versions();
    let round = 0;
    await expect.consistently(
      calm,
      async () => {
        if (sabotaged('labels-written')) {
          const { apiVersion, kind, name } = classReference(target.gatewayClass);
          await kube.apply({ apiVersion, kind, metadata: { name, labels: { 'gauntlet.dev/round': String((round += 1)) } } });
        }
        same('versions', await versions(), settled);
      },
      { lasting: seconds(5) },
    );
  },
});
