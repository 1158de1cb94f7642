// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import { basicAuthorization, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { kgatewaySource, rfc } from '../../specification.ts';

const right = 'a request with a user’s password reaches the backend';
const without = 'a request without credentials is denied, asked for them, and not seen by the backend';
const wrong = 'a request with a wrong password is denied before the backend sees it';
const stranger = 'a request of an unknown user is denied before the backend sees it';

export default defineCheck({
  id: 'basic-inline',
  title: 'Only a request with the password of a known user passes',
  feature: 'authentication.basic',
  specification: [rfc(7617, '2'), kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go')],
  requires: ['gateway', 'echo', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: without },
    { name: 'password-guessed', title: 'The user’s password is the one that the attacker tries', breaks: wrong },
    { name: 'attacker-is-a-user', title: 'The attacker is among the users', breaks: stranger },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, policies }) {
    const host = hostname();
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const guess: Credentials = { user: 'alice', password: sabotaged('password-guessed') ? alice.password : randomSecret() };
    const mallory: Credentials = { user: 'mallory', password: randomSecret() };
    const users = sabotaged('attacker-is-a-user') ? [alice, mallory] : [alice];
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    await policies.apply(policy.basicAuth(...users), route);
    await apply(route);
    const answer = policies.outcomes.basicAuthRefused;
    const send = (credentials?: Credentials) =>
      gateway.get('/', { host, headers: credentials === undefined ? {} : { authorization: basicAuthorization(credentials) } });

    await expect.eventually(right, async () => {
      await reached(await send(alice), echo);
    });

    await expect.eventually(without, async () => {
      const exchange = await send();
      await denied(exchange, { ...answer, before: echo });
      // A client does not know how to authenticate unless it is told (RFC 9110 11.6.1).
      header(exchange, 'www-authenticate', /^Basic\b/i);
    });

    await expect.eventually(wrong, async () => denied(await send(guess), { ...answer, before: echo }));

    await expect.eventually(stranger, async () => denied(await send(mallory), { ...answer, before: echo }));
  },
});
