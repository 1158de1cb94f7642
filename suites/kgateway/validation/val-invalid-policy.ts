// SPDX-License-Identifier: Apache-2.0
import type { Check } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { extensionRef, httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { htpasswdLine } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sound = 'a request to the sound rule reaches the backend';
const replaced = 'a request to the rule with the invalid policy gets the replacement answer and does not reach the backend';
const status = 'the route and the policy say what is wrong';

/** A policy that is invalid, and the same one made valid. */
interface Row {
  readonly id: string;
  readonly title: string;
  readonly priority: 'P0' | 'P1';
  readonly installation: string;
  readonly source: string;
  readonly policy: (valid: boolean) => Resource;
}

/** The hash is of a kind that Envoy does not read; nobody’s password. */
const unreadable = 'alice:$2y$05$WVtzqcZhDoHZ1Lx0b5yKSe4SNvqgX4yxtHC6xGQ0fnNPQxDWQS7Ny';
const readable = htpasswdLine({ user: 'alice', password: 'password' });

const rows: readonly Row[] = [
  {
    id: 'val-invalid-policy',
    title: 'An invalid policy turns its own rule into an error, and no other',
    priority: 'P0',
    installation: 'release',
    source: 'pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go',
    policy: (valid) => trafficPolicy('invalid', [], { basicAuth: { users: [valid ? readable : unreadable] } }),
  },
  {
    id: 'val-invalid-policy-strict',
    title:
      'Under strict validation, a policy of which only the proxy knows that it is invalid turns its own rule into an error, and no other',
    priority: 'P1',
    installation: 'strict',
    source: 'pkg/kgateway/extensions2/plugins/trafficpolicy/csrf_plugin.go',
    policy: (valid) =>
      trafficPolicy('invalid', [], { csrf: { percentageEnabled: 100, additionalOrigins: [{ safeRegex: valid ? 'https://.*' : '[' }] } }),
  },
];

const invalidPolicy = ({ id, title, priority, installation, source, policy }: Row): Check =>
  defineCheck({
    id,
    title,
    feature: installation === 'strict' ? 'validation.modes' : 'validation.route-replacement',
    priority,
    installation,
    specification: [kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'), kgatewaySource(source)],
    requires: ['gateway', 'echo', 'policies'],
    sabotages: [
      { name: 'policy-made-valid', title: 'The policy is valid', breaks: replaced },
      { name: 'filter-left-out', title: 'The rule does not refer to the policy', breaks: replaced },
    ],
    async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
      const host = hostname();
      const invalid = policy(sabotaged('policy-made-valid'));
      const filters = sabotaged('filter-left-out') ? [] : [extensionRef(invalid)];
      const route = httpRoute('app')
        .on(gateway)
        .host(host)
        .rule({ path: '/invalid', filters, to: echo.service })
        .rule({ path: '/sound', to: echo.service });
      await apply(invalid, route);
      const { answer, route: routeCondition, policy: policyCondition } = policies.outcomes.brokenPolicy;

      await expect.eventually(sound, async () => {
        await reached(await gateway.get('/sound', { host }), echo);
      });

      await expect.eventually(replaced, async () => denied(await gateway.get('/invalid', { host }), { ...answer, before: echo }));

      await expect.eventually(
        status,
        async () => {
          condition(await kube.get(referenceTo(route, namespace)), routeCondition.type, routeCondition);
          condition(await kube.get(referenceTo(invalid, namespace)), policyCondition.type, policyCondition);
        },
        { within: budgets.status, streak: 1 },
      );
    },
  });

export default rows.map(invalidPolicy);
