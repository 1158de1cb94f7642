// SPDX-License-Identifier: Apache-2.0
import { Mismatch } from '../../../harness/check/expect.ts';
import { reached, same } from '../../../harness/check/matchers.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const restricted = 'by default, the proxy has a restricted security context, and may bind port 80';
const servesPort80 = 'by default, the proxy serves on port 80';
const omitted = 'where it is to be omitted, neither pod nor container has a security context';
const stillServes = 'a proxy without a security context serves';
const preserved = 'where it is to be omitted, one that the user gives is the whole of it';

/** What a Deployment's pods run under. */
interface PodSpec {
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly { readonly securityContext?: Readonly<Record<string, unknown>> }[];
}

export default defineCheck({
  id: 'omit-security-context',
  title: 'The default security context of the proxy can be left out, and one that the user gives stays',
  feature: 'gateway.security-context',
  specification: [
    kgatewaySource('api/v1alpha1/kgateway/gateway_parameters_types.go'),
    kgatewaySource('pkg/deployer/gateway_parameters.go'),
  ],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'not-omitted', title: 'It is not to be omitted', breaks: omitted },
    { name: 'omitted-everywhere', title: 'It is omitted by default, too', breaks: restricted },
    { name: 'given-beside-the-default', title: 'What the user gives is not instead of the default', breaks: preserved },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, gateways, echo }) {
    const host = hostname();
    const omit = gatewayParameters('omit', { kube: { omitDefaultSecurityContext: !sabotaged('not-omitted') } });
    const given = gatewayParameters('given', {
      kube: {
        omitDefaultSecurityContext: !sabotaged('given-beside-the-default'),
        envoyContainer: { securityContext: { allowPrivilegeEscalation: false } },
      },
    });
    await apply(omit, given);
    const edge = (name: string) => gateway(name).listener({ name: 'http', port: 8080, protocol: 'HTTP' });
    const privileged = (name: string) => edge(name).listener({ name: 'port-80', port: 80, protocol: 'HTTP' });
    const podOf = async (name: string): Promise<PodSpec> => {
      const found = await kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', name, namespace });
      if (found === undefined) throw new Mismatch(`Deployment ${name}`, 'no such object');
      return (found['spec'] as { readonly template: { readonly spec: PodSpec } }).template.spec;
    };
    const route = httpRoute('app').host(host).rule({ to: echo.service });

    const byDefault = await gateways.own(
      sabotaged('omitted-everywhere') ? privileged('restricted').parameters(omit) : privileged('restricted'),
    );
    const without = await gateways.own(privileged('omitting').parameters(omit));
    const ofTheUser = await gateways.own(edge('giving').parameters(given));
    await apply(route.on(byDefault).on(without));

    await expect.eventually(restricted, async () => {
      const { securityContext: pod = {}, containers } = await podOf(byDefault.name);
      const [container = {}] = containers.map(({ securityContext }) => securityContext ?? {});
      same('sysctls', JSON.stringify(pod['sysctls']), '[{"name":"net.ipv4.ip_unprivileged_port_start","value":"0"}]');
      same('runAsUser', container['runAsUser'] as number | undefined, 10101);
      same('runAsNonRoot', container['runAsNonRoot'] as boolean | undefined, true);
      same('readOnlyRootFilesystem', container['readOnlyRootFilesystem'] as boolean | undefined, true);
      same('capabilities', JSON.stringify(container['capabilities']), '{"drop":["ALL"]}');
    });
    await expect.eventually(servesPort80, async () => {
      await reached(await byDefault.get('/', { host }, 'port-80'), echo);
    });

    await expect.eventually(omitted, async () => {
      const { securityContext = {}, containers } = await podOf(without.name);
      same('security context of the pod', JSON.stringify(securityContext), '{}');
      same('security contexts of containers', JSON.stringify(containers.map((one) => one.securityContext ?? {})), '[{}]');
    });
    await expect.eventually(stillServes, async () => {
      await reached(await without.get('/', { host }, 'http'), echo);
    });

    await expect.eventually(preserved, async () => {
      const { securityContext = {}, containers } = await podOf(ofTheUser.name);
      same('security context of the pod', JSON.stringify(securityContext), '{}');
      same(
        'security contexts of containers',
        JSON.stringify(containers.map((one) => one.securityContext)),
        '[{"allowPrivilegeEscalation":false}]',
      );
    });
  },
});
