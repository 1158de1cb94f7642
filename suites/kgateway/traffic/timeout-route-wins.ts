// SPDX-License-Identifier: Apache-2.0
import { reached } from '../../../harness/check/matchers.ts';
import { milliseconds, seconds, type Duration } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const longer = 'a rule that allows more than the policy is given that time';
const shorter = 'a rule that allows less than the policy is given no more than that';
const silent = 'a rule that says nothing has the time of the policy';

const taken = milliseconds(1500);
const [little, much] = [milliseconds(500), seconds(5)];

export default defineCheck({
  id: 'timeout-route-wins',
  title: 'A timeout that a rule of the route states itself comes before that of a policy',
  feature: 'traffic.timeouts',
  priority: 'P1',
  specification: [
    gatewayApi('HTTPRouteTimeouts', 'httproute_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/traffic_policy_plugin.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: 'rules-say-nothing', title: 'The rules state no timeout', breaks: longer },
    { name: 'rule-allows-more', title: 'The second rule allows as much as its policy', breaks: shorter },
    { name: 'policy-allows-more', title: 'The first policy allows more', breaks: silent },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    await echo.program({ answerPerRequest: true });
    const hosts = { little: hostname('little'), much: hostname('much') };
    const to = echo.service;
    const stated = (request: Duration) => (sabotaged('rules-say-nothing') ? {} : { timeouts: { request } });
    const littleRoute = httpRoute('little')
      .on(gateway)
      .host(hosts.little)
      .rule({ path: '/stated', ...stated(much), to })
      .rule({ path: '/silent', to });
    const muchRoute = httpRoute('much')
      .on(gateway)
      .host(hosts.much)
      .rule({ path: '/stated', ...stated(sabotaged('rule-allows-more') ? much : little), to });
    await policies.apply(policy.requestTimeout(sabotaged('policy-allows-more') ? much : little), littleRoute, 'little');
    await policies.apply(policy.requestTimeout(much), muchRoute, 'much');
    await apply(littleRoute, muchRoute);
    const headers = { 'x-gauntlet-answer': JSON.stringify({ delayMs: taken.ms }) };
    const answered = async (host: string, path: string, status: number) => {
      await reached(await gateway.get(path, { host, headers }), echo, { status });
    };
    const late = policies.outcomes.timedOut.status;

    await expect.eventually(longer, () => answered(hosts.little, '/stated', 200), { streak: 1 });
    await expect.eventually(shorter, () => answered(hosts.much, '/stated', late), { streak: 1 });
    await expect.eventually(silent, () => answered(hosts.little, '/silent', late), { streak: 1 });
  },
});
