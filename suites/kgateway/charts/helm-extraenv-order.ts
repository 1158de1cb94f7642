// SPDX-License-Identifier: Apache-2.0
import { same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { controllerOf, environmentOf } from './rendered.ts';

const wins = 'what the chart itself decides stands after what the user adds, so it counts';
const other = 'what only the user sets reaches the controller';

export default defineCheck({
  id: 'helm-extraenv-order',
  title: 'A variable of the user does not take the place of one that the chart decides',
  feature: 'gateway.charts',
  priority: 'P1',
  specification: [kgatewaySource('install/helm/kgateway/templates/deployment.yaml')],
  requires: ['charts'],
  sabotages: [{ name: 'another-variable', title: 'The variable has a name of its own', breaks: wins }],
  async run({ expect, charts, sabotaged }) {
    const name = sabotaged('another-variable') ? 'KGW_ENABLE_AGENTGATEWAY_TOO' : 'KGW_ENABLE_AGENTGATEWAY';
    const set = [`controller.extraEnv.${name}=true`, 'controller.extraEnv.KGW_DNS_LOOKUP_FAMILY=V4_ONLY'];
    const controller = controllerOf(await charts.render({ set }));

    await expect.now(other, () => same('KGW_DNS_LOOKUP_FAMILY', environmentOf(controller).get('KGW_DNS_LOOKUP_FAMILY'), 'V4_ONLY'));
    await expect.now(wins, () => {
      same('values', controller.container.env.flatMap((one) => (one.name === name ? [one.value] : [])).join(), 'true,false');
      same('the one that counts', environmentOf(controller).get(name), 'false');
    });
  },
});
