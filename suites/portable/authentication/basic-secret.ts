// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { namespaceBeside } from '../../../fixtures/core/core.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { groupOf } from '../../../fixtures/gateway-api/reference.ts';
import { referenceGrant } from '../../../fixtures/gateway-api/reference-grant.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { gatewayApi, kgatewaySource } from '../../specification.ts';

const file = 'a request of a user in the password file reaches the backend, and one of a stranger is denied';
const entry = 'a request of a user in the entry that the policy names reaches the backend, and one of a stranger is denied';
const rotated = 'once the file is changed, the new password passes and the old one is denied';
const notGranted = 'a file of another namespace is not used without a grant: requests get the replacement answer';
const granted = 'with the grant, a request of a user in that file reaches the backend, and one of a stranger is denied';

export default defineCheck({
  id: 'basic-secret',
  title: 'The users of a password file pass, as it stands at the time, and one of another namespace needs a grant',
  feature: 'authentication.basic',
  specification: [
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go'),
    gatewayApi('ReferenceGrant', 'referencegrant_types.go'),
  ],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: file },
    { name: 'stranger-is-a-user', title: 'The stranger is a user in the file', breaks: file },
    { name: 'entry-not-named', title: 'The policy does not name the entry', breaks: entry },
    { name: 'file-stays', title: 'The file is not changed', breaks: rotated },
    { name: 'granted-from-the-start', title: 'The grant is there from the start', breaks: notGranted },
    { name: 'grant-left-out', title: 'The grant does not come', breaks: granted },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateway, echo, policies }) {
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const changed: Credentials = { user: 'alice', password: randomSecret() };
    const mallory: Credentials = { user: 'mallory', password: randomSecret() };
    const other = namespaceBeside(namespace, 'other');
    const from = (label: string, users: readonly Credentials[], where: policy.PasswordFile = {}) => {
      const host = hostname(label);
      const route = httpRoute(label).on(gateway).host(host).rule({ to: echo.service });
      return { host, route, ...policies.render(policy.basicAuthFromFile(users, where), route, label) };
    };
    const plain = from('plain', sabotaged('stranger-is-a-user') ? [alice, mallory] : [alice]);
    const named = from('named', [alice], { key: 'users' });
    const elsewhere = from('elsewhere', [alice], { namespace: other.metadata.name });
    const referring = { group: groupOf(elsewhere.policy), kind: elsewhere.policy.kind, namespace };
    const grants = elsewhere.supporting.map((secret) => referenceGrant('users', referring, secret));
    await apply(other, ...plain.supporting, ...named.supporting, ...elsewhere.supporting);
    if (sabotaged('granted-from-the-start')) await apply(...grants);
    const namedPolicy = sabotaged('entry-not-named') ? from('named', [alice]).policy : named.policy;
    await apply.subject(plain.policy, namedPolicy, elsewhere.policy);
    await apply(plain.route, named.route, elsewhere.route);
    const { basicAuthRefused, brokenPolicy } = policies.outcomes;
    const send = (host: string, who: Credentials) => gateway.get('/', { host, headers: { authorization: basicAuthorization(who) } });
    const passes = async (host: string, who: Credentials) => {
      await reached(await send(host, who), echo);
    };
    const refuses = async (host: string, who: Credentials) => denied(await send(host, who), { ...basicAuthRefused, before: echo });
    const only = async (host: string, who: Credentials, not: Credentials) => {
      await passes(host, who);
      await refuses(host, not);
    };

    await expect.eventually(file, () => only(plain.host, alice, mallory));
    await expect.eventually(entry, () => only(named.host, alice, mallory));

    if (!sabotaged('file-stays')) await apply(...from('plain', [changed]).supporting);
    await expect.eventually(rotated, () => only(plain.host, changed, alice));

    await expect.eventually(notGranted, async () => denied(await send(elsewhere.host, alice), { ...brokenPolicy.answer, before: echo }));
    if (!sabotaged('grant-left-out')) await apply(...grants);
    await expect.eventually(granted, () => only(elsewhere.host, alice, mallory));
  },
});
