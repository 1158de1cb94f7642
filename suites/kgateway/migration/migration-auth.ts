// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, header, reached } from '../../../harness/check/matchers.ts';
import { seconds } from '../../../harness/units.ts';
import { secret } from '../../../fixtures/core/core.ts';
import { gatewayExtension } from '../../../fixtures/kgateway/gateway-extension.ts';
import { trafficPolicy } from '../../../fixtures/kgateway/traffic-policy.ts';
import { basicAuthorization, htpasswdLine, randomSecret } from '../../../fixtures/passwords/passwords.ts';
import { defineCheck } from '../../define-check.ts';
import { emitted, emittedGateway, emittedRoute } from './emitted.ts';

const user = 'auth-type basic: a request with a user’s password reaches the backend';
const stranger = 'auth-type basic: a request with another password, or none, is denied before the backend sees it';
const allowed = 'auth-url: a request that the server allows reaches the backend';
const refused = 'auth-url: a request that the server does not allow is denied before the backend sees it';
const told = 'auth-response-headers: the backend sees the header that the server added';

export default defineCheck({
  id: 'migration-auth',
  title: 'An Ingress with a password file or an authorization URL is still protected once it is migrated',
  feature: 'gateway.migration',
  priority: 'P1',
  specification: [emitted('basic_auth.yaml'), emitted('external_auth.yaml')],
  requires: ['gateways', 'echo', 'extAuthHttp', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policies are left out', breaks: stranger },
    { name: 'password-guessed', title: 'The attacker’s password is in the file', breaks: stranger },
    { name: 'server-allows-everything', title: 'The server says yes to everyone', breaks: refused },
  ],
  async run({ apply, expect, hostname, namespace, sabotaged, gateways, echo, extAuthHttp, policies }) {
    const [basicHost, urlHost] = [hostname('basic'), hostname('url')];
    const [alice, mallory] = ['alice', 'mallory'].map((name) => ({ user: name, password: randomSecret() }));
    if (alice === undefined || mallory === undefined) return;
    await extAuthHttp.program({
      allowWhen: { header: 'authorization', equals: 'Bearer yes' },
      addHeaders: { 'x-user-id': 'alice' },
      ...(sabotaged('server-allows-everything') ? { always: 'allow' } : {}),
    });
    const users = sabotaged('password-guessed') ? [alice, mallory] : [alice];
    await apply(secret('basic-auth-secret', { auth: users.map((one) => `${htpasswdLine(one)}\n`).join('') }));
    const nginx = await gateways.own(emittedGateway([{ host: basicHost }, { host: urlHost }]));
    const rule = { name: 'rule-0', to: echo.service };
    const basicRoute = emittedRoute('ingress-basic-auth', basicHost, nginx).rule(rule);
    const urlRoute = emittedRoute('ingress-auth', urlHost, nginx).rule(rule);
    const { name, port } = extAuthHttp.service;
    const headersToBackend = ['X-Auth-Token', 'X-User-ID'];
    await apply(
      gatewayExtension('ingress-auth-extauth', {
        extAuth: { httpService: { authorizationResponse: { headersToBackend }, backendRef: { name, namespace, port } } },
      }),
    );
    await apply.subject(
      trafficPolicy('ingress-basic-auth', [basicRoute], { basicAuth: { secretRef: { key: 'auth', name: 'basic-auth-secret' } } }),
      trafficPolicy('ingress-auth', [urlRoute], { extAuth: { extensionRef: { name: 'ingress-auth-extauth', namespace } } }),
    );
    await apply(basicRoute, urlRoute);
    const { basicAuthRefused, extAuthDenied } = policies.outcomes;
    const send = (host: string, authorization?: string) =>
      nginx.get('/', { host, headers: authorization === undefined ? {} : { authorization } });

    await expect.eventually(user, async () => {
      await reached(await send(basicHost, basicAuthorization(alice)), echo);
    });
    await expect.eventually(stranger, async () => {
      await denied(await send(basicHost), { ...basicAuthRefused, before: echo });
      await denied(await send(basicHost, basicAuthorization(mallory)), { ...basicAuthRefused, before: echo });
    });

    await expect.eventually(allowed, async () => {
      await reached(await send(urlHost, 'Bearer yes'), echo);
    });
    await expect.eventually(refused, async () => {
      await denied(await send(urlHost), { ...extAuthDenied, before: echo });
      await denied(await send(urlHost, 'Bearer no'), { ...extAuthDenied, before: echo });
    });

    await expect.eventually(
      told,
      async () => {
        header(await reached(await send(urlHost, 'Bearer yes'), echo), 'x-user-id', 'alice');
      },
      { within: seconds(5) },
    );
  },
});
