// SPDX-License-Identifier: Apache-2.0
import { minutes } from '../../../harness/units.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { randomSecret } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import type { PolicyRow, PreparedPolicy } from '../policy-row.ts';
import type { Stage } from '../stage.ts';

/** Policies that judge requests by themselves, or count them. */
export const requestPolicies: readonly PolicyRow[] = [
  {
    id: 'authorization',
    title: 'Authorization by an expression over the request',
    feature: 'authorization.rbac',
    cannot: {},
    references: [],
    prepare: () => Promise.resolve(roles()),
  },
  {
    id: 'csrf',
    title: 'Protection against cross-site request forgery',
    feature: 'traffic.csrf',
    cannot: {},
    references: [],
    prepare: (_, { host }) => Promise.resolve(origins(host)),
  },
  {
    id: 'rate-limit-local',
    title: 'A rate limit that the proxy counts',
    feature: 'traffic.rate-limit',
    cannot: {
      gateway: 'whatever the Gateway serves counts, so that nothing is left that shows whether it serves',
      listener: 'whatever the listener serves counts, so that nothing is left that shows whether it serves',
    },
    references: [],
    prepare: (stage, { host }) => Promise.resolve(limit(stage, host)),
  },
];

function roles(): PreparedPolicy {
  const [admin, owner, old] = [randomSecret(), randomSecret(), randomSecret()];
  const intent = (...all: readonly string[]) => policy.allowWhere(...all.map((role) => `request.headers['x-role'] == '${role}'`));
  return {
    intent: intent(admin),
    edited: intent(admin, owner),
    outdated: intent(old),
    anonymous: {},
    wrong: { headers: { 'x-role': old } },
    allowed: { headers: { 'x-role': admin } },
  };
}

function origins(host: string): PreparedPolicy {
  const post = (headers: Readonly<Record<string, string>>) => ({ method: 'POST', headers });
  return {
    intent: policy.csrf('https://shop.test'),
    edited: policy.csrf('https://shop.test', 'https://another-shop.test'),
    anonymous: post({}),
    wrong: post({ origin: 'https://evil.test' }),
    allowed: post({ origin: `http://${host}` }),
  };
}

/**
 * What is allowed is served by a route beside the limited one. The limit refills long after the cell is over; but a proxy counts anew when it starts and
 * whenever it gets other routes, as kgateway's does also for the routes of others (the check `rl-local-kept` is about that): at most twice for each of
 * the three changes that an event makes.
 */
function limit(stage: Stage, host: string): PreparedPolicy {
  const unlimited = '/unlimited';
  return {
    intent: policy.localRateLimit(1, minutes(10)),
    edited: policy.localRateLimit(1, minutes(11)),
    anonymous: {},
    wrong: { path: '/elsewhere' },
    allowed: { path: unlimited },
    allowance: 6,
    beside: [httpRoute('unlimited').on(stage.gateway, stage.listener).host(host).rule({ path: unlimited, to: stage.echo.service })],
  };
}
