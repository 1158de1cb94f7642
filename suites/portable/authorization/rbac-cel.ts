// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { gateway } from '../../../fixtures/gateway-api/gateway.ts';
import { httpRoute, type HttpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const allowed = 'a request for which any of the expressions holds reaches the backend';
const other = 'a request for which none of the expressions holds is denied before the backend sees it';
const overridden = 'on a route with a policy of its own, that one alone decides';
const forbidden = 'a request that a route denies by expression is denied before the backend sees it';
const elsewise = 'a request that a route does not deny by expression reaches the backend';

const where = (header: string, value: string) => `request.headers['${header}'] == '${value}'`;
const admin = { 'x-role': 'admin' };
const owner = { 'x-role': 'owner' };
const team = { 'x-team': 'a' };
const blocked = { 'x-blocked': 'yes' };

export default defineCheck({
  id: 'rbac-cel',
  title: 'Expressions decide which requests pass, and those of the route in place of those of the Gateway',
  feature: 'authorization.rbac',
  specification: [
    kgatewaySource('api/v1alpha1/shared/rbac.go'),
    kgatewaySource('api/v1alpha1/kgateway/traffic_policy_types.go'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/rbac.go'),
  ],
  requires: ['gateways', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: other },
    { name: 'another-expression', title: 'The second expression asks for something else', breaks: allowed },
    { name: 'any-role', title: 'The first expression holds for every request', breaks: other },
    { name: 'gateway-also-counts', title: 'The route has the expressions of the Gateway beside its own', breaks: overridden },
    { name: 'denial-left-out', title: 'The route that denies has no policy of its own', breaks: forbidden },
    { name: 'denies-all', title: 'The route denies by an expression that always holds', breaks: elsewise },
  ],
  async run({ apply, expect, hostname, sabotaged, gateways, echo, policies }) {
    const hosts = { plain: hostname('plain'), team: hostname('team'), deny: hostname('deny') };
    const own = await gateways.own(gateway('guarded').listener({ name: 'http', port: 8080, protocol: 'HTTP' }));
    const [plain, ofTeam, denying] = (['plain', 'team', 'deny'] as const).map((name) =>
      httpRoute(name).on(own).host(hosts[name]).rule({ to: echo.service }),
    ) as [HttpRoute, HttpRoute, HttpRoute];
    const roles = [
      sabotaged('any-role') ? 'true' : where('x-role', 'admin'),
      where('x-role', sabotaged('another-expression') ? 'guest' : 'owner'),
    ];
    await policies.apply(policy.allowWhere(...roles), own.resource, 'of-gateway');
    await policies.apply(policy.allowWhere(where('x-team', 'a'), ...(sabotaged('gateway-also-counts') ? roles : [])), ofTeam, 'of-route');
    const harmful = sabotaged('denies-all') ? 'true' : where('x-blocked', 'yes');
    if (!sabotaged('denial-left-out')) await policies.apply(policy.denyWhere(harmful), denying, 'denying');
    await apply(plain, ofTeam, denying);
    const { authorizationRefused } = policies.outcomes;
    const passes = async (host: string, headers: Readonly<Record<string, string>>): Promise<void> => {
      await reached(await own.get('/', { host, headers }), echo);
    };
    const isDenied = async (host: string, headers: Readonly<Record<string, string>>): Promise<void> =>
      denied(await own.get('/', { host, headers }), { ...authorizationRefused, before: echo });

    await expect.eventually(other, async () => {
      for (const headers of [{}, { 'x-role': 'mallory' }, team]) await isDenied(hosts.plain, headers);
    });

    await expect.eventually(allowed, async () => {
      for (const headers of [admin, owner]) await passes(hosts.plain, headers);
    });

    await expect.eventually(overridden, async () => {
      await passes(hosts.team, team);
      for (const headers of [{}, admin]) await isDenied(hosts.team, headers);
    });

    await expect.eventually(forbidden, () => isDenied(hosts.deny, { ...admin, ...blocked }));

    // The other requests of this route have been decided for a while.
    await expect.eventually(elsewise, () => passes(hosts.deny, {}), { within: seconds(5) });
  },
});
