// SPDX-License-Identifier: Apache-2.0
import { denied } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from '../targeting/single-user.ts';
import { delegateTo, tenant } from '../targeting/tenant.ts';

const inherited = 'a child without a policy lets in the parent’s user only';
const ofTheRule = 'a child of a rule that has a policy lets in the rule’s user only';
const grandchild = 'the child of a child lets in the parent’s user only';
const overriding = 'a child with a policy of its own lets in its own user only';
const broken = 'a child whose policy cannot be honoured gets no requests, whoever sends them';
const unharmed = 'beside it, the other children let in whom they let in before';

export default defineCheck({
  id: 'deleg-policy',
  title: 'Children inherit the policies of their parent, and what a child gets wrong opens nothing',
  feature: 'routing.delegation',
  specification: [
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
    kgatewaySource('pkg/kgateway/translator/httproute/delegation.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'parents-policy-left-out', title: 'The parent has no policy', breaks: inherited },
    { name: 'rules-policy-left-out', title: 'The rule of the parent has no policy', breaks: ofTheRule },
    { name: 'grandchild-has-a-policy', title: 'The child of a child has a policy of its own', breaks: grandchild },
    { name: 'childs-policy-left-out', title: 'The child has no policy of its own', breaks: overriding },
    { name: 'nothing-broken', title: 'The policy can be honoured', breaks: broken },
    { name: 'all-broken', title: 'The policy that cannot be honoured targets another child as well', breaks: unharmed },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const children = await tenant({ apply, namespace }, 'children', echo);
    const users = { parent: singleUser('parent'), rule: singleUser('rule'), child: singleUser('child') };
    const parent = httpRoute('parent')
      .on(gateway)
      .host(host)
      .rule({ name: 'special', path: '/special', to: delegateTo(children) })
      .rule({ name: 'rest', path: '/', to: delegateTo(children) });
    const child = (name: string, path = `/${name}`) => httpRoute(name).inNamespace(children).rule({ path, to: echo.service });
    const placed = (policy: Resource): Resource => ({ ...policy, metadata: { ...policy.metadata, namespace: children } });
    const routes = {
      plain: child('plain'),
      special: child('special'),
      leaf: child('leaf', '/middle/leaf'),
      own: child('own'),
      broken: child('broken'),
    };
    const middle = httpRoute('middle')
      .inNamespace(children)
      .rule({ path: '/middle', to: delegateTo(children, 'leaf') });
    if (!sabotaged('parents-policy-left-out')) await apply(users.parent.policy(parent));
    if (!sabotaged('rules-policy-left-out')) await apply(users.rule.policy({ resource: parent, sectionName: 'special' }));
    const overridden = [
      ...(sabotaged('childs-policy-left-out') ? [] : [routes.own]),
      ...(sabotaged('grandchild-has-a-policy') ? [routes.leaf] : []),
    ];
    if (overridden.length > 0) await apply(placed(users.child.policy(...overridden)));
    await apply(parent, middle, ...Object.values(routes));
    const lets = (user: keyof typeof users, path: string) => {
      const send = (request: ProbeRequest) => gateway.send({ host, path, ...request });
      return onlyPasses(users[user], Object.values(users), { echo, send });
    };

    await expect.eventually(inherited, () => lets('parent', '/plain'));
    await expect.eventually(ofTheRule, () => lets('rule', '/special'));
    await expect.eventually(grandchild, () => lets('parent', '/middle/leaf'));
    await expect.eventually(overriding, () => lets('child', '/own'));

    const missing = { apiKeyAuth: { secretRef: { name: 'missing' } } };
    const sound = { csrf: { percentageEnabled: 100 } };
    const targets = sabotaged('all-broken') ? [routes.broken, routes.plain] : [routes.broken];
    await apply(placed(trafficPolicy('broken', targets, sabotaged('nothing-broken') ? sound : missing)));
    await expect.eventually(broken, async () => {
      for (const headers of [{}, ...Object.values(users).map(({ authorization }) => ({ authorization }))]) {
        const exchange = await gateway.get('/broken', { host, headers });
        await denied(exchange, { ...policies.outcomes.brokenPolicy.answer, before: echo });
      }
    });
    await expect.eventually(unharmed, async () => {
      await lets('parent', '/plain');
      await lets('child', '/own');
    });
  },
});
