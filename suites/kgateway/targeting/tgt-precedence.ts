// SPDX-License-Identifier: Apache-2.0
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { ProbeRequest } from '../../../harness/probe/exchange.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { gep, kgatewaySource } from '../../specification.ts';
import { onlyPasses, singleUser } from './single-user.ts';

/** From the widest to the most specific; where the policies of a level and all wider ones meet, the level's own must hold. */
const levels = ['gateway', 'listener', 'route', 'rule', 'filter'] as const;
type Level = (typeof levels)[number];

const wins: Readonly<Record<Level, string>> = {
  gateway: 'the policy of the Gateway holds where there is no other',
  listener: 'the policy of a listener holds in place of the Gateway’s',
  route: 'the policy of a route holds in place of the listener’s',
  rule: 'the policy of a rule holds in place of the route’s',
  filter: 'the policy that a filter of the rule names holds in place of the rule’s',
};
const combined = 'a rule’s policy adds what it has to the route’s policy, and takes nothing away';

export default defineCheck({
  id: 'tgt-precedence',
  title: 'Of several policies the more specific holds, field by field',
  feature: 'policy.targeting',
  specification: [gep(2649), kgatewaySource('pkg/kgateway/translator/irtranslator/route.go')],
  requires: ['gateways', 'echo'],
  sabotages: [
    { name: 'gateway-left-out', title: 'The Gateway has no policy', breaks: wins.gateway },
    { name: 'listener-left-out', title: 'The listener has no policy', breaks: wins.listener },
    { name: 'route-left-out', title: 'The route has no policy', breaks: wins.route },
    { name: 'rule-left-out', title: 'The rule has no policy', breaks: wins.rule },
    { name: 'filter-left-out', title: 'The rule has no filter', breaks: wins.filter },
    { name: 'nothing-added', title: 'The rule’s policy has nothing of its own', breaks: combined },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo }) {
    const [bareHost, host] = [hostname('bare'), hostname()];
    const key = randomSecret();
    const users = Object.fromEntries(levels.map((level) => [level, singleUser(level)])) as Record<Level, ReturnType<typeof singleUser>>;
    const edge = gateway('edge')
      .listener({ name: 'wide', port: 8080, protocol: 'HTTP' })
      .listener({ name: 'narrow', port: 8081, protocol: 'HTTP' });
    const own = await gateways.own(edge);
    const filter = users.filter.policy();
    const to = echo.service;
    const bare = httpRoute('bare').on(own).host(bareHost).rule({ to });
    const route = httpRoute('app')
      .on(own, 'narrow')
      .host(host)
      .rule({ name: 'rule', path: '/rule', to })
      .rule({ name: 'filter', path: '/filter', filters: sabotaged('filter-left-out') ? [] : [extensionRef(filter)], to })
      .rule({ name: 'both', path: '/both', to })
      .rule({ to });
    const rule = (sectionName: string) => ({ resource: route, sectionName });
    const added = sabotaged('nothing-added') ? { csrf: { percentageEnabled: 100 } } : { apiKeyAuth: { secretRef: { name: 'keys' } } };
    if (!sabotaged('gateway-left-out')) await apply(users.gateway.policy(edge));
    if (!sabotaged('listener-left-out')) await apply(users.listener.policy({ resource: edge, sectionName: 'narrow' }));
    if (!sabotaged('route-left-out')) await apply(users.route.policy(route));
    if (!sabotaged('rule-left-out')) await apply(users.rule.policy(rule('rule'), rule('filter')));
    await apply(secret('keys', { client: key }), trafficPolicy('added', [rule('both')], added));
    await apply(filter, bare, route);
    const at = (listener: string, hostOf: string, path: string) => ({
      echo,
      send: (request: ProbeRequest) => own.send({ host: hostOf, path, ...request }, listener),
    });
    const places: Readonly<Record<Level, ReturnType<typeof at>>> = {
      gateway: at('wide', bareHost, '/'),
      listener: at('narrow', bareHost, '/'),
      route: at('narrow', host, '/'),
      rule: at('narrow', host, '/rule'),
      filter: at('narrow', host, '/filter'),
    };

    for (const level of levels) await expect.eventually(wins[level], () => onlyPasses(users[level], Object.values(users), places[level]));

    const { authorization } = users.route;
    const both = at('narrow', host, '/both');
    await expect.eventually(combined, async () => {
      await reached(await both.send({ headers: { authorization, 'api-key': key } }), echo);
      await denied(await both.send({ headers: { authorization } }), { status: 401, before: echo });
      await denied(await both.send({ headers: { 'api-key': key } }), { status: 401, before: echo });
    });
  },
});
