// SPDX-License-Identifier: Apache-2.0
import { holds, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { controllerOf, environmentOf, portsOf } from './rendered.ts';

const defaults = 'without values, the chart renders the defaults that it documents';
const passed = 'values arrive at the controller as the settings that it reads';
const levelRefused = 'a level of validation that does not exist is refused';
const referenceRefused = 'a reference to parameters without a name or a namespace is refused';

/** What the documentation of the chart says of its defaults. */
const expected = {
  KGW_LOG_LEVEL: 'info',
  KGW_XDS_SERVICE_NAME: 'kgateway',
  KGW_XDS_SERVICE_PORT: '9977',
  KGW_DEFAULT_IMAGE_REGISTRY: 'cr.kgateway.dev/kgateway-dev',
  KGW_DEFAULT_IMAGE_PULL_POLICY: 'IfNotPresent',
  KGW_DISCOVERY_NAMESPACE_SELECTORS: '[]',
  KGW_POLICY_MERGE: '{}',
  KGW_VALIDATION_MODE: 'standard',
  KGW_GATEWAY_CLASS_PARAMETERS_REFS: '{}',
  KGW_ENABLE_ENVOY: 'true',
  KGW_ENABLE_AGENTGATEWAY: 'false',
};
/** Set by no one, so that the controller's own defaults hold. */
const unset = ['KGW_ENABLE_WAYPOINT', 'KGW_ENABLE_INFER_EXT', 'KGW_XDS_TLS_ENABLED', 'KGW_ENABLE_EXPERIMENTAL_GATEWAY_API_FEATURES'];

const selector = { matchLabels: { tenant: 'a' } };
const values = {
  controller: {
    replicaCount: 3,
    logLevel: 'debug',
    podDisruptionBudget: { minAvailable: 2 },
    service: { ports: { grpc: 19_977 } },
    extraEnv: { KGW_DNS_LOOKUP_FAMILY: 'V4_ONLY' },
  },
  image: { registry: 'registry.test/mine', tag: 'v9', pullPolicy: 'Never' },
  validation: { level: ' Strict ' },
  policyMerge: { trafficPolicy: { extAuth: 'DeepMerge' } },
  waypoint: { enabled: true },
  discoveryNamespaceSelectors: [selector],
  gatewayClassParametersRefs: { kgateway: { name: 'shared', namespace: 'infra' } },
};

export default defineCheck({
  id: 'helm-values',
  title: 'The chart has the defaults that it documents, hands its values to the controller, and refuses what makes no sense',
  feature: 'gateway.charts',
  specification: [kgatewaySource('install/helm/kgateway/values.yaml'), kgatewaySource('install/helm/kgateway/templates/deployment.yaml')],
  requires: ['charts'],
  sabotages: [
    { name: 'values-beside-the-defaults', title: 'The chart is rendered with other values', breaks: defaults },
    { name: 'values-left-out', title: 'The values are left out', breaks: passed },
    { name: 'level-exists', title: 'The level of validation exists', breaks: levelRefused },
    { name: 'reference-whole', title: 'The reference has a name and a namespace', breaks: referenceRefused },
  ],
  async run({ expect, charts, sabotaged }) {
    const plain = await charts.render({ values: sabotaged('values-beside-the-defaults') ? values : {} });
    await expect.now(defaults, () => {
      const controller = controllerOf(plain);
      const environment = environmentOf(controller);
      for (const [name, value] of Object.entries(expected)) same(name, environment.get(name), value);
      for (const name of unset) same(name, environment.get(name) ?? 'unset', 'unset');
      same('replicas', controller.replicas, 1);
      same('ports', portsOf(controller), 'grpc-xds 9977, health 9093, metrics 9092');
    });

    const objects = await charts.render({ values: sabotaged('values-left-out') ? {} : values });
    const changed = controllerOf(objects);
    await expect.now(passed, () => {
      const environment = environmentOf(changed);
      same('replicas', changed.replicas, 3);
      same('image', changed.container.image, 'registry.test/mine/kgateway:v9');
      same('pull policy', changed.container.imagePullPolicy, 'Never');
      same('KGW_LOG_LEVEL', environment.get('KGW_LOG_LEVEL'), 'debug');
      same('KGW_XDS_SERVICE_PORT', environment.get('KGW_XDS_SERVICE_PORT'), '19977');
      same('KGW_DEFAULT_IMAGE_REGISTRY', environment.get('KGW_DEFAULT_IMAGE_REGISTRY'), 'registry.test/mine');
      same('KGW_DEFAULT_IMAGE_TAG', environment.get('KGW_DEFAULT_IMAGE_TAG'), 'v9');
      same('KGW_VALIDATION_MODE', environment.get('KGW_VALIDATION_MODE'), 'strict');
      same('KGW_POLICY_MERGE', environment.get('KGW_POLICY_MERGE'), JSON.stringify(values.policyMerge));
      same('KGW_ENABLE_WAYPOINT', environment.get('KGW_ENABLE_WAYPOINT'), 'true');
      same('KGW_DISCOVERY_NAMESPACE_SELECTORS', environment.get('KGW_DISCOVERY_NAMESPACE_SELECTORS'), JSON.stringify([selector]));
      const references = environment.get('KGW_GATEWAY_CLASS_PARAMETERS_REFS');
      same('KGW_GATEWAY_CLASS_PARAMETERS_REFS', references, JSON.stringify(values.gatewayClassParametersRefs));
      const disruption = objects.find(({ kind }) => kind === 'PodDisruptionBudget')?.['spec'] as
        { readonly minAvailable?: number } | undefined;
      same('pods that must stay available', disruption?.minAvailable, 2);
      same('KGW_DNS_LOOKUP_FAMILY', environment.get('KGW_DNS_LOOKUP_FAMILY'), 'V4_ONLY');
    });

    await expect.now(levelRefused, async () => {
      const level = sabotaged('level-exists') ? 'strict' : 'paranoid';
      const words = await charts.refusal({ set: [`validation.level=${level}`] });
      holds(/Invalid validation\.level 'paranoid'/.test(words ?? ''), 'a refusal that names the level', words ?? 'no refusal');
    });

    await expect.now(referenceRefused, async () => {
      for (const [given, missing] of [
        ['namespace', 'name'],
        ['name', 'namespace'],
      ] as const) {
        const whole = sabotaged('reference-whole') ? [`gatewayClassParametersRefs.kgateway.${missing}=x`] : [];
        const words = await charts.refusal({ set: [`gatewayClassParametersRefs.kgateway.${given}=x`, ...whole] });
        holds((words ?? '').includes(`kgateway.${missing} must be set`), `a refusal that asks for the ${missing}`, words ?? 'no refusal');
      }
    });
  },
});
