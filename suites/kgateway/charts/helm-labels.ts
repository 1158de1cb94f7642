// SPDX-License-Identifier: Apache-2.0
import { holds, same } from '../../../harness/check/matchers.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const named = 'Deployment, Service and ServiceAccount of the controller have the name and the labels of the release';
const selects = 'the labels by which others select the controller select its Deployment, its Service and its pods';
const renamed = 'names follow fullnameOverride, and the labels stay';

const kinds = [
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['v1', 'ServiceAccount'],
] as const;

/** What network policies and dashboards of users select by. */
const selector = { kgateway: 'kgateway', 'app.kubernetes.io/name': 'kgateway', 'app.kubernetes.io/instance': 'kgateway' };

export default defineCheck({
  id: 'helm-labels',
  title: 'The objects of the controller have stable names and labels',
  feature: 'gateway.charts',
  priority: 'P1',
  specification: [kgatewaySource('install/helm/kgateway/templates/_helpers.tpl')],
  requires: ['charts'],
  sabotages: [
    { name: 'another-name', title: 'The objects of another name are looked at', breaks: named },
    { name: 'override-left-out', title: 'The name is not overridden', breaks: renamed },
  ],
  async run({ expect, kube, target, charts, sabotaged }) {
    const { namespace } = target.controller;
    const name = sabotaged('another-name') ? 'default' : 'kgateway';
    await expect.now(named, async () => {
      for (const [apiVersion, kind] of kinds) {
        const seen = await kube.get({ apiVersion, kind, namespace, name });
        holds(seen !== undefined, `${kind} ${name}`, 'no such object');
        for (const [label, value] of Object.entries(selector)) same(`${kind}: ${label}`, seen.metadata.labels?.[label], value);
        same(`${kind}: managed by`, seen.metadata.labels?.['app.kubernetes.io/managed-by'], 'Helm');
      }
    });

    await expect.now(selects, async () => {
      const labelSelector = 'kgateway=kgateway';
      for (const [apiVersion, kind] of [...kinds, ['v1', 'Pod']] as const) {
        const found = await kube.list({ apiVersion, kind }, { namespace, labelSelector });
        holds(found.length > 0, `at least one ${kind} with ${labelSelector}`, 'none');
      }
      const service = await kube.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
      const selected = (service?.['spec'] as { readonly selector: object }).selector;
      same('selector of the Service', JSON.stringify(Object.entries(selected).sort()), JSON.stringify(Object.entries(selector).sort()));
    });

    const set = sabotaged('override-left-out') ? [] : ['fullnameOverride=mine'];
    const objects = await charts.render({ set });
    await expect.now(renamed, () => {
      for (const [, kind] of kinds) {
        const object = objects.find((one) => one.kind === kind);
        same(`name of the ${kind}`, object?.metadata.name, 'mine');
        same(`${kind}: kgateway`, object?.metadata.labels?.['kgateway'], 'kgateway');
      }
    });
  },
});
