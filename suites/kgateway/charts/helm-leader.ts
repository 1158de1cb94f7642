// SPDX-License-Identifier: Apache-2.0
import { condition, conditionsOf } from '../../../harness/check/conditions.ts';
import { holds, reached, same } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const one = 'one of two controllers leads';
const first = 'a request reaches the backend, and its route has its status from the leader';
const translated = 'a route that is new while nobody leads is served all the same';
const silent = 'nobody writes its status meanwhile';
const other = 'the other one takes the lead';
const written = 'the new leader writes the status of the route';
const uninterrupted = 'all the time every request is answered by the backend';

/** Answers on either side of the change. */
const enough = 50;

export default defineCheck({
  id: 'helm-leader',
  title: 'When the leading controller dies, another takes the lead, and traffic does not notice',
  feature: 'gateway.charts',
  priority: 'P1',
  installation: 'hardened',
  serial: true,
  specification: [kgatewaySource('pkg/kgateway/setup/setup.go'), kgatewaySource('test/e2e/features/leaderelection/suite.go')],
  requires: ['gateway', 'echo', 'controller'],
  sabotages: [
    { name: 'leader-spared', title: 'The controller that dies is the one that does not lead', breaks: other },
    { name: 'route-removed', title: 'The route is removed while the leader dies', breaks: uninterrupted },
  ],
  async run({ apply, expect, hostname, kube, namespace, target, sabotaged, budgets, gateway, echo, controller }) {
    const [host, lateHost] = [hostname(), hostname('late')];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const late = httpRoute('late').on(gateway).host(lateHost).rule({ to: echo.service });
    await apply(route);
    await expect.eventually(first, async () => {
      await reached(await gateway.get('/', { host }), echo);
      condition(await kube.get(referenceTo(route, namespace)), 'Accepted');
    });
    await expect.now(one, async () => same('controllers', (await controller.pods()).length, 2));
    const pods = (await controller.pods()).map(({ metadata }) => metadata.name);
    const leader = await controller.leader();
    const killed = sabotaged('leader-spared') ? pods.find((name) => name !== leader) : leader;
    holds(leader !== undefined && killed !== undefined, 'a leader', 'none');

    await using attack = gateway.attack({ host });
    await attack.until(enough);
    const pod = { apiVersion: 'v1', kind: 'Pod', namespace: target.controller.namespace, name: killed };
    await kube.remove(pod, { graceSeconds: 0, wait: budgets.gateway });
    if (sabotaged('route-removed')) await kube.remove(referenceTo(route, namespace));

    await apply(late);
    await expect.eventually(translated, async () => {
      await reached(await gateway.get('/', { host: lateHost }), echo);
    });
    if (!sabotaged('leader-spared') && (await controller.leader()) === undefined)
      await expect.now(silent, async () => same('conditions', conditionsOf(await kube.get(referenceTo(late, namespace))).length, 0));

    // The lease of the dead one has to run out first, which takes 15 seconds.
    await expect.eventually(
      other,
      async () => {
        const next = await controller.leader();
        holds(next !== undefined && next !== leader, 'another leader', next === undefined ? 'none' : 'the same');
      },
      { within: seconds(60), streak: 1 },
    );
    await expect.eventually(
      written,
      async () => {
        condition(await kube.get(referenceTo(late, namespace)), 'Accepted');
      },
      { within: budgets.status, streak: 1 },
    );
    await attack.until(enough);
    const { exchanges } = await attack.stop();
    await expect.now(uninterrupted, () => {
      const bad = exchanges.find(({ response }) => response?.status !== 200);
      holds(bad === undefined, `200 for each of ${exchanges.length} requests`, `not for all`, bad);
    });
    await controller.ready();
  },
});
