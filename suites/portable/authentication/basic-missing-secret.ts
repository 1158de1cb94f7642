// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { condition } from '../../../harness/check/conditions.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import type { Resource } from '../../../harness/kube/kube.ts';
import { referenceTo } from '../../../fixtures/core/reference.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource } from '../../specification.ts';

const sibling = 'a request to another route reaches the backend';
const replaced = (what: string): string => `where ${what}, requests get the replacement answer and do not reach the backend`;
const status = 'the routes and the policies say what is wrong';

const defects = [
  { label: 'secret', what: 'there is no Secret' },
  { label: 'entry', what: 'the Secret does not have the entry' },
  { label: 'content', what: 'the entry is empty' },
] as const;

const mended = (label: string): string => `${label}-there`;

export default defineCheck({
  id: 'basic-missing-secret',
  title: 'A policy whose password file is not there opens nothing',
  feature: 'authentication.basic',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go'),
    kgatewaySource('pkg/kgateway/translator/irtranslator/route.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: replaced('there is no Secret') },
    ...defects.map(({ label, what }) => ({ name: mended(label), title: `Nothing is missing where ${what}`, breaks: replaced(what) })),
  ],
  async run({ apply, expect, hostname, kube, namespace, sabotaged, budgets, gateway, echo, policies }) {
    const siblingHost = hostname('sibling');
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const made: { readonly what: string; readonly host: string; readonly route: Resource; readonly policy: Resource }[] = [];
    for (const { label, what } of defects) {
      const host = hostname(label);
      const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
      const complete = policies.render(policy.basicAuthFromFile([alice], { key: 'users' }), route, label);
      const stored = {
        secret: [],
        entry: policies.render(policy.basicAuthFromFile([alice], { key: 'others' }), route, label).supporting,
        content: policies.render(policy.basicAuthFromFile([], { key: 'users' }), route, label).supporting,
      }[label];
      await apply(...(sabotaged(mended(label)) ? complete.supporting : stored));
      await apply.subject(complete.policy);
      await apply(route);
      made.push({ what, host, route, policy: complete.policy });
    }
    await apply(httpRoute('sibling').on(gateway).host(siblingHost).rule({ to: echo.service }));
    const { brokenPolicy } = policies.outcomes;

    await expect.eventually(sibling, async () => {
      await reached(await gateway.get('/', { host: siblingHost }), echo);
    });

    for (const { what, host } of made) {
      await expect.eventually(replaced(what), async () => {
        for (const headers of [{}, { authorization: basicAuthorization(alice) }]) {
          await denied(await gateway.get('/', { host, headers }), { ...brokenPolicy.answer, before: echo });
        }
      });
    }

    await expect.eventually(
      status,
      async () => {
        for (const { route, policy: broken } of made) {
          condition(await kube.get(referenceTo(route, namespace)), brokenPolicy.route.type, brokenPolicy.route);
          condition(await kube.get(referenceTo(broken, namespace)), brokenPolicy.policy.type, brokenPolicy.policy);
        }
      },
      { within: budgets.status, streak: 1 },
    );
  },
});
