// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { same } from '../../../harness/check/matchers.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { gatewayParameters } from '../../../fixtures/kgateway/gateway-parameters.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const notAccepted = 'the Gateway says that its parameters are invalid';
const nothing = 'no proxy is made for it';
const made = 'once the parameters are there, the proxy is made as they say';
const accepted = 'once the parameters are there, the Gateway is accepted';

export default defineCheck({
  id: 'boot-params-missing',
  title: 'A Gateway whose parameters are missing is not accepted and gets no proxy until they are there',
  feature: 'gateway.provisioning',
  priority: 'P1',
  specification: [
    gatewayApi('GatewayReasonInvalidParameters', 'gateway_types.go'),
    kgatewaySource('pkg/kgateway/controller/gw_controller.go'),
  ],
  requires: ['gateways'],
  sabotages: [
    { name: 'parameters-present', title: 'The parameters are there from the start', breaks: notAccepted },
    { name: 'never-made', title: 'The parameters never come', breaks: made },
  ],
  async run({ apply, expect, kube, namespace, target, sabotaged, budgets, gateways }) {
    const label = 'gauntlet.dev/parameters';
    const parameters = gatewayParameters('late', { kube: { podTemplate: { extraLabels: { [label]: 'late' } } } });
    const own = gateway('own').ofClass(target.gatewayClass).listener({ name: 'http', port: 8080, protocol: 'HTTP' }).parameters(parameters);
    if (sabotaged('parameters-present')) await apply(parameters);
    await apply(own);
    const within = { within: budgets.status, streak: 1 };
    const seen = () => kube.get(referenceTo(own, namespace));
    const deployment = () => kube.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'own' });

    await expect.eventually(
      notAccepted,
      async () => {
        condition(await seen(), 'Accepted', { of: '', status: 'False', reason: 'InvalidParameters' });
      },
      within,
    );
    await expect.consistently(nothing, async () => same('Deployment', (await deployment())?.metadata.name ?? 'none', 'none'));

    if (!sabotaged('never-made')) {
      await apply(parameters);
      await gateways.own(own);
    }
    await expect.eventually(
      made,
      async () => {
        const { template } = ((await deployment())?.['spec'] ?? {}) as { readonly template?: { readonly metadata: { labels?: object } } };
        same(label, (template?.metadata.labels as Record<string, string> | undefined)?.[label], 'late');
      },
      within,
    );
    await expect.eventually(
      accepted,
      async () => {
        condition(await seen(), 'Accepted', { of: '' });
        condition(await seen(), 'Programmed', { of: '' });
      },
      within,
    );
  },
});
