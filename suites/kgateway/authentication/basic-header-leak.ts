// SPDX-License-Identifier: Apache-2.0
import { denied, header, holds, reached } from '../../../harness/check/matchers.ts';
import { httpRoute, requestHeaders } from '../../../fixtures/gateway-api/http-route.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { basicAuthorization, htpasswdLine, randomSecret, type Credentials } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const passes = 'a request of a user reaches the backend, and one with another password is denied';
const forwarded = 'the backend sees the credentials as the client sent them';
const unlogged = 'neither the proxies nor the controller write the password or the header down';

export default defineCheck({
  id: 'basic-header-leak',
  title: 'A password goes to the backend as it came, and into no log',
  feature: 'authentication.basic',
  priority: 'P1',
  specification: [
    envoyDocs('Basic auth', 'configuration/http/http_filters/basic_auth_filter'),
    kgatewaySource('pkg/kgateway/extensions2/plugins/trafficpolicy/basic_auth_policy.go'),
  ],
  requires: ['gateway', 'echo', 'policies', 'proxies'],
  sabotages: [
    { name: 'policy-left-out', title: 'The policy is left out', breaks: passes },
    { name: 'header-removed', title: 'The route removes the header', breaks: forwarded },
    // The controller writes down the names of users with hashes that it cannot read.
    { name: 'password-as-a-name', title: 'A line of another list has the password in place of the user’s name', breaks: unlogged },
  ],
  async run({ apply, expect, hostname, kube, target, sabotaged, gateway, echo, policies, proxies }) {
    const startedAt = new Date();
    const [host, otherHost] = [hostname(), hostname('other')];
    const alice: Credentials = { user: 'alice', password: randomSecret() };
    const authorization = basicAuthorization(alice);
    const filters = sabotaged('header-removed') ? [requestHeaders({ remove: ['authorization'] })] : [];
    const route = httpRoute('app').on(gateway).host(host).rule({ filters, to: echo.service });
    const other = httpRoute('other').on(gateway).host(otherHost).rule({ to: echo.service });
    const unreadable = `${sabotaged('password-as-a-name') ? alice.password : alice.user}:nonsense`;
    if (!sabotaged('policy-left-out')) await apply(trafficPolicy('users', [route], { basicAuth: { users: [htpasswdLine(alice)] } }));
    await apply(trafficPolicy('unreadable', [other], { basicAuth: { users: [htpasswdLine(alice), unreadable] } }), route, other);
    const { basicAuthRefused, brokenPolicy } = policies.outcomes;
    const send = (value: string) => gateway.get('/', { host, headers: { authorization: value } });

    await expect.eventually(passes, async () => {
      await reached(await send(authorization), echo);
      const wrong = basicAuthorization({ ...alice, password: `${alice.password}-wrong` });
      await denied(await send(wrong), { ...basicAuthRefused, before: echo });
      await denied(await gateway.get('/', { host: otherHost }), { ...brokenPolicy.answer, before: echo });
    });

    await expect.eventually(forwarded, async () => header(await reached(await send(authorization), echo), 'authorization', authorization));

    await expect.consistently(unlogged, async () => {
      const { namespace } = target.controller;
      const controllers = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
      const logs = await Promise.all(controllers.map(({ metadata: { name } }) => kube.logs({ namespace, name }, { since: startedAt })));
      const written = [await proxies.log(gateway), ...logs].join('\n');
      const leaked = [alice.password, authorization.replace('Basic ', '')].filter((secret) => written.includes(secret));
      holds(leaked.length === 0, 'no password in a log', `${leaked.length} of them`);
    });
  },
});
