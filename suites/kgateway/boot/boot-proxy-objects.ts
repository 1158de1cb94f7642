// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { Mismatch } from '../../../harness/check/expect.ts';
import { same } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { oneByOne } from '../../../fixtures/gateways.ts';
import type { CheckContext } from '../../../harness/check/check.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const programmed = 'the Gateway is accepted and programmed';
const objects = 'a Deployment, a Service, a ServiceAccount and a ConfigMap of its name stand behind it';
const noToken = 'no API token is mounted by the ServiceAccount';
const unprivileged = 'the proxy runs as an unprivileged user';
const ready = 'the proxy says that it is ready';

/** Where the proxy answers to the kubelet. */
const readiness = { port: 8082, path: '/ready' };

export default defineCheck({
  id: 'boot-proxy-objects',
  title: 'A Gateway gets a proxy of its own, unprivileged, without an API token, and ready',
  feature: 'gateway.provisioning',
  specification: [
    gatewayApi('GatewayConditionProgrammed', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/helm/envoy/templates/deployment.yaml'),
    kgatewaySource('pkg/deployer/gateway_parameters.go'),
  ],
  requires: [],
  sabotages: [
    { name: 'class-of-another-controller', title: 'The Gateway is of a class that nobody serves', breaks: programmed },
    { name: 'proxy-as-root', title: 'GatewayParameters make the proxy run as root', breaks: unprivileged },
  ],
  run: (context) => oneByOne(context, () => provision(context)),
});

async function provision({ apply, expect, kube, namespace, sabotaged, target, budgets }: CheckContext): Promise<void> {
  const className = sabotaged('class-of-another-controller') ? 'nobody' : target.gatewayClass;
  const plain = gateway('own').ofClass(className).listener({ name: 'http', port: 8080, protocol: 'HTTP' });
  if (sabotaged('proxy-as-root')) {
    const securityContext = { runAsUser: 0, runAsNonRoot: false };
    const parameters = gatewayParameters('root', { kube: { envoyContainer: { securityContext } } });
    await apply(parameters, plain.parameters(parameters));
  } else {
    await apply(plain);
  }
  const read = async (apiVersion: string, kind: string): Promise<Resource> => {
    const found = await kube.get({ apiVersion, kind, name: 'own', namespace });
    if (found === undefined) throw new Mismatch(`${kind} own`, 'no such object');
    return found;
  };
  const within = { within: budgets.gateway, streak: 1 };

  await expect.eventually(
    programmed,
    async () => {
      const seen = await kube.get(referenceTo(plain, namespace));
      condition(seen, 'Accepted', { of: '' });
      condition(seen, 'Programmed', { of: '' });
    },
    within,
  );

  // kgateway says Programmed before it has made anything.
  await expect.eventually(
    objects,
    async () => {
      await read('apps/v1', 'Deployment');
      await read('v1', 'Service');
      await read('v1', 'ServiceAccount');
      await read('v1', 'ConfigMap');
    },
    within,
  );

  await expect.now(noToken, async () => {
    const account = await read('v1', 'ServiceAccount');
    same('automountServiceAccountToken', account['automountServiceAccountToken'] as boolean | undefined, false);
  });

  await expect.now(unprivileged, async () => {
    const { spec } = (await read('apps/v1', 'Deployment')) as unknown as { readonly spec: DeploymentSpec };
    for (const { securityContext } of spec.template.spec.containers) {
      const context = securityContext ?? {};
      same('runAsNonRoot', context['runAsNonRoot'] as boolean | undefined, true);
      same('allowPrivilegeEscalation', context['allowPrivilegeEscalation'] as boolean | undefined, false);
      same('readOnlyRootFilesystem', context['readOnlyRootFilesystem'] as boolean | undefined, true);
    }
  });

  await expect.eventually(
    ready,
    async () => {
      const labelSelector = `gateway.networking.k8s.io/gateway-name=${plain.metadata.name}`;
      const [pod] = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector });
      if (pod === undefined) throw new Mismatch('a proxy pod', 'none');
      condition(pod, 'Ready');
      same('status of /ready', (await kube.podGet({ namespace, name: pod.metadata.name }, readiness.port, readiness.path)).status, 200);
    },
    within,
  );
}

interface DeploymentSpec {
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly securityContext?: Readonly<Record<string, unknown>> }[] };
  };
}
