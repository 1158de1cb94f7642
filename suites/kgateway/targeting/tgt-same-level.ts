// SPDX-License-Identifier: Apache-2.0
import { condition } from '../../../harness/check/conditions.ts';
import { denied, holds, reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';

const alone = 'the older policy lets in its user only';
const younger = 'the other policy is younger by the clock of the server';
const olderWins = 'beside a younger policy, the older one lets in its user only';
const merged = 'what the younger policy has and the older has not holds as well';
const statuses = 'the policies say that one is overridden and one merged';
const weightWins = 'a younger policy of more weight lets in its user only';
const weightStatus = 'the older policy then says that it is overridden';

const weight = 'kgateway.dev/policy-weight';

export default defineCheck({
  id: 'tgt-same-level',
  title: 'Of two policies on one route the older holds, field by field, unless the other weighs more',
  feature: 'policy.targeting',
  priority: 'P1',
  specification: [kgatewaySource('pkg/krtcollections/policy.go'), kgatewaySource('api/annotations/policy.go')],
  requires: ['gateway', 'echo'],
  sabotages: [
    { name: 'older-left-out', title: 'There is no older policy', breaks: alone },
    { name: 'younger-weighs-more', title: 'The younger policy weighs more from the start', breaks: olderWins },
    { name: 'nothing-to-merge', title: 'The younger policy has nothing more', breaks: merged },
    { name: 'no-weight', title: 'The younger policy gets no weight', breaks: weightWins },
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo }) {
    const host = hostname();
    const key = randomSecret();
    const users = { older: singleUser('older'), younger: singleUser('younger') };
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const weighing = (policy: Resource, value: string): Resource => ({
      ...policy,
      metadata: { ...policy.metadata, annotations: { [weight]: value } },
    });
    const older = users.older.policy(route);
    const overridden = sabotaged('younger-weighs-more') ? weighing(users.younger.policy(route), '10') : users.younger.policy(route);
    const more = sabotaged('nothing-to-merge') ? {} : { apiKeyAuth: { secretRef: { name: 'keys' } } };
    const partly = trafficPolicy('partly', [route], { ...users.younger.fields, ...more });
    if (!sabotaged('older-left-out')) await apply(older);
    await apply(route, secret('keys', { client: key }));
    const lets = (user: keyof typeof users, withKey: boolean) =>
      onlyPasses(users[user], Object.values(users), {
        echo,
        send: ({ headers }: ProbeRequest) => gateway.get('/', { host, headers: { ...headers, ...(withKey ? { 'api-key': key } : {}) } }),
      });
    const born = async (policy: Resource) => (await kube.get(referenceTo(policy, namespace)))?.metadata.creationTimestamp ?? '';

    await expect.eventually(alone, () => lets('older', false));
    const oldest = await born(older);
    // Policies of the same second have no order.
    await expect.eventually(
      younger,
      async () => {
        await kube.remove(referenceTo(overridden, namespace));
        await apply(overridden);
        const age = await born(overridden);
        holds(age > oldest, `later than ${oldest}`, age);
      },
      { streak: 1 },
    );
    await expect.eventually(olderWins, () => lets('older', false));

    await apply(partly);
    await expect.eventually(merged, async () => {
      await reached(await gateway.get('/', { host, headers: { authorization: users.older.authorization, 'api-key': key } }), echo);
      await denied(await gateway.get('/', { host, headers: { authorization: users.older.authorization } }), { status: 401, before: echo });
    });
    await expect.eventually(
      statuses,
      async () => {
        condition(await kube.get(referenceTo(overridden, namespace)), 'Attached', { status: 'False', reason: 'Overridden' });
        condition(await kube.get(referenceTo(partly, namespace)), 'Attached', { reason: 'Merged' });
      },
      { within: budgets.status, streak: 1 },
    );

    if (!sabotaged('no-weight')) await apply(weighing(overridden, '10'));
    await expect.eventually(weightWins, () => lets('younger', true));
    await expect.eventually(
      weightStatus,
      async () => {
        condition(await kube.get(referenceTo(older, namespace)), 'Attached', { status: 'False', reason: 'Overridden' });
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
