// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { holds, same } from '../../../harness/check/matchers.ts';
import { gatewayClass } from '../../../fixtures/gateway-api/gateway-class.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const accepted = 'the GatewayClass is accepted by the controller under test';
const featuresNamed = 'the GatewayClass says which features it supports';

export default defineCheck({
  id: 'boot-gatewayclass',
  title: 'The controller accepts its GatewayClass and says which features it supports',
  feature: 'gateway.provisioning',
  specification: [
    gatewayApi('GatewayClassConditionAccepted', 'gatewayclass_types.go'),
    kgatewaySource('pkg/kgateway/controller/gatewayclass.go'),
  ],
  requires: [],
  sabotages: [{ name: 'class-of-another-controller', title: 'The class names a controller that nobody runs', breaks: accepted }],
  async run({ apply, expect, kube, namespace, sabotaged, target, budgets }) {
    let name = target.gatewayClass;
    if (sabotaged('class-of-another-controller')) {
      name = namespace;
      await apply(gatewayClass(name, 'gauntlet.dev/nobody'));
    }
    const read = () => kube.get({ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GatewayClass', name });

    await expect.eventually(
      accepted,
      async () => {
        condition(await read(), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );

    await expect.eventually(
      featuresNamed,
      async () => {
        const found = await read();
        same('controllerName', (found?.['spec'] as { controllerName?: string } | undefined)?.controllerName, target.controllerName);
        const features = (found?.['status'] as { supportedFeatures?: readonly unknown[] } | undefined)?.supportedFeatures ?? [];
        holds(features.length > 0, 'at least one supported feature', 'none');
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
