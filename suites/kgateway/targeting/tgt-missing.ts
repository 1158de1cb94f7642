// SPDX-License-Identifier: Apache-2.0
import { condition, conditionsOf } from '../../../harness/check/conditions.ts';
import { same } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';

const nothing = 'a policy whose target does not exist says nothing of itself';
const attaches = 'once the target is there, the policy holds';
const says = 'the policy says that it is attached';
const cleared = 'once the target is gone again, the policy says nothing of itself';

export default defineCheck({
  id: 'tgt-missing',
  title: 'A policy attaches when its target comes, and says so only while the target is there',
  feature: 'policy.targeting',
  priority: 'P1',
  specification: [gep(713), kgatewaySource('pkg/kgateway/proxy_syncer/proxy_syncer.go')],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'target-from-the-start', title: 'The target is there from the start', breaks: nothing },
    { name: 'another-target', title: 'The route that comes has another name', breaks: attaches },
    { name: 'target-stays', title: 'The target does not go', breaks: cleared },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo }) {
    const host = hostname();
    const alice = singleUser('alice');
    const named = (name: string) => httpRoute(name).on(gateway).host(host).rule({ to: echo.service });
    const route = named('later');
    const coming = sabotaged('another-target') ? named('another') : route;
    const policy = alice.policy(route);
    const said = async () => conditionsOf(await kube.get(referenceTo(policy, namespace))).length;
    if (sabotaged('target-from-the-start')) await apply(route);
    await apply(policy);
    // A busy controller says nothing for a while of what it has long attached.
    const isSaid = (seen: Resource | undefined): boolean => conditionsOf(seen).length > 0;
    if (sabotaged('target-from-the-start')) await kube.waitFor(referenceTo(policy, namespace), 'has conditions', isSaid, budgets.status);

    await expect.consistently(nothing, async () => {
      same('conditions', await said(), 0);
    });

    await apply(coming);
    await expect.eventually(attaches, () =>
      onlyPasses(alice, [alice], { echo, send: (request: ProbeRequest) => gateway.send({ host, ...request }) }),
    );
    await expect.eventually(
      says,
      async () => {
        condition(await kube.get(referenceTo(policy, namespace)), 'Accepted', { of: `ancestor ${gateway.name}` });
        condition(await kube.get(referenceTo(policy, namespace)), 'Attached', { of: `ancestor ${gateway.name}` });
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('target-stays')) await kube.remove(referenceTo(coming, namespace));
    await expect.eventually(
      cleared,
      async () => {
        same('conditions', await said(), 0);
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
