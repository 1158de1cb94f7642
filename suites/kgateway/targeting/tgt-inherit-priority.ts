// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';
import { delegateTo, tenant } from './tenant.ts';

const preference = 'kgateway.dev/inherited-policy-priority';

const neverPreferred = 'never-preferred';

const byDefault = {
  plain: 'a child without a policy lets in the parent’s user only',
  exempt: 'a child that is exempted by its own policy lets in everyone',
  own: 'a child with a policy of its own lets in its own user only',
};
const preferred = {
  plain: 'under a parent that is preferred, a child without a policy lets in the parent’s user only',
  exempt: 'under a parent that is preferred, a child that is exempted by its own policy lets in the parent’s user only',
  own: 'under a parent that is preferred, a child with a policy of its own lets in the parent’s user only',
};

interface Row {
  readonly id: string;
  readonly title: string;
  readonly merge: 'ShallowMergePreferParent' | 'DeepMergePreferParent';
  readonly parents: 'routes' | 'gateways';
  readonly priority: 'P0' | 'P1';
}

const rows: readonly Row[] = [
  {
    id: 'tgt-inherit-priority',
    title: 'A child route overrides and disables its parent’s policy, unless the parent is preferred',
    merge: 'ShallowMergePreferParent',
    parents: 'routes',
    priority: 'P0',
  },
  {
    id: 'tgt-inherit-priority-deep',
    title: 'A child route cannot override or disable the policy of a parent that is preferred in a deep merge',
    merge: 'DeepMergePreferParent',
    parents: 'routes',
    priority: 'P1',
  },
  {
    id: 'tgt-inherit-priority-gateway',
    title: 'A route cannot override or disable the policy of a Gateway that is preferred',
    merge: 'ShallowMergePreferParent',
    parents: 'gateways',
    priority: 'P1',
  },
];

export default rows.map(inherited);

function inherited({ merge, parents, ...row }: Row): Check {
  // Where kgateway 2.2.0 ignores the preference, leaving it out shows nothing.
  const provable = parents === 'routes' && merge === 'ShallowMergePreferParent';
  return defineCheck({
    ...row,
    feature: 'policy.targeting',
    specification: [kgatewaySource('api/annotations/policy.go'), kgatewaySource('pkg/pluginsdk/policy/merge.go')],
    requires: ['gateway', 'gateways', 'echo'],
    sabotages: [
      { name: 'parents-policy-left-out', title: 'The parents have no policy', breaks: byDefault.plain },
      { name: 'exemption-left-out', title: 'The child is not exempted', breaks: byDefault.exempt },
      { name: 'childs-policy-left-out', title: 'The child has no policy of its own', breaks: byDefault.own },
      ...(provable ? [{ name: neverPreferred, title: 'No parent is preferred', breaks: preferred.exempt }] : []),
    ],
    async run({ apply, expect, hostname, namespace, sabotaged, gateway: shared, gateways, echo }) {
      const [host, preferredHost] = [hostname(), hostname('preferred')];
      const users = { parent: singleUser('parent'), child: singleUser('child') };
      const annotations = provable && sabotaged(neverPreferred) ? {} : { [preference]: merge };
      const edge = gateway('edge').listener({ name: 'http', port: 8080, protocol: 'HTTP' });
      const other = gateway('preferred').listener({ name: 'http', port: 8080, protocol: 'HTTP' }).annotated(annotations);
      const own = parents === 'routes' ? shared : await gateways.own(edge);
      const places = {
        byDefault: { echo, send: (request: ProbeRequest) => own.send({ host, ...request }) },
        preferred: { echo, send: (request: ProbeRequest) => own.send({ host: preferredHost, ...request }) },
      };
      const kinds = ['plain', 'exempt', 'own'] as const;
      const child = (kind: string) => httpRoute(kind).rule({ path: `/${kind}`, to: echo.service });

      let childNamespace = namespace;
      if (parents === 'routes') {
        childNamespace = await tenant({ apply, namespace }, 'children', echo);
        const delegating = (name: string, hostOf: string) =>
          kinds.reduce(
            (route, kind) => route.rule({ path: `/${kind}`, to: delegateTo(childNamespace, kind) }),
            httpRoute(name).on(own).host(hostOf),
          );
        const routes = [delegating('parent', host), delegating('preferred', preferredHost).annotated(annotations)];
        if (!sabotaged('parents-policy-left-out')) await apply(users.parent.policy(...routes));
        await apply(...routes, ...kinds.map((kind) => child(kind).inNamespace(childNamespace)));
      } else {
        const second = await gateways.own(other);
        places.preferred.send = (request) => second.send({ host, ...request });
        if (!sabotaged('parents-policy-left-out')) await apply(users.parent.policy(edge, other));
        await apply(...kinds.map((kind) => child(kind).on(own).on(second).host(host)));
      }
      const exemption = trafficPolicy('exemption', [child('exempt')], { basicAuth: { disable: {} } });
      const childs = [...(sabotaged('exemption-left-out') ? [] : [exemption])];
      if (!sabotaged('childs-policy-left-out')) childs.push(users.child.policy(child('own')));
      await apply(...childs.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: childNamespace } })));
      const lets = (user: 'parent' | 'child', at: keyof typeof places, kind: string) => {
        const { send } = places[at];
        return onlyPasses(users[user], Object.values(users), { echo, send: (request) => send({ path: `/${kind}`, ...request }) });
      };

      await expect.eventually(byDefault.plain, () => lets('parent', 'byDefault', 'plain'));
      await expect.eventually(byDefault.exempt, async () => {
        await reached(await places.byDefault.send({ path: '/exempt' }), echo);
      });
      await expect.eventually(byDefault.own, () => lets('child', 'byDefault', 'own'));

      await expect.eventually(preferred.plain, () => lets('parent', 'preferred', 'plain'));
      await expect.eventually(preferred.exempt, () => lets('parent', 'preferred', 'exempt'));
      await expect.eventually(preferred.own, () => lets('parent', 'preferred', 'own'));
    },
  });
}
