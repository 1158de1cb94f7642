// SPDX-License-Identifier: Apache-2.0
import { subjectLeftOut } from '../../../harness/check/check.ts';
import { denied, reached } from '../../../harness/check/matchers.ts';
import { httpRoute } from '../../../fixtures/gateway-api/http-route.ts';
import * as policy from '../../../fixtures/policies/intents.ts';
import { defineCheck } from '../../define-check.ts';
import { envoyDocs, kgatewaySource } from '../../specification.ts';

const allowed = 'a request with the credential reaches the backend while the server is up';
const anonymous = 'a request without the credential is denied while the server is up';
const open = 'a request without the credential reaches the backend once the server is down';
const back = 'a request without the credential is denied once the server is back';

const headers = { 'x-ext-authz': 'allow' };

export default defineCheck({
  id: 'extauth-failopen',
  title: 'A policy that is open on errors lets requests pass only while the authorization server cannot be asked',
  feature: 'authentication.ext-auth',
  specification: [
    envoyDocs('External authorization: failure_mode_allow', 'api-v3/extensions/filters/http/ext_authz/v3/ext_authz.proto'),
    kgatewaySource('api/v1alpha1/kgateway/ext_auth_types.go'),
  ],
  requires: ['gateway', 'echo', 'extAuth', 'policies'],
  sabotages: [
    { name: subjectLeftOut, title: 'The policy is left out', breaks: anonymous },
    { name: 'fails-closed', title: 'The policy is closed on errors', breaks: open },
    { name: 'server-turns', title: 'The server says yes to everyone once it is back', breaks: back },
  ],
  async run({ apply, expect, hostname, sabotaged, gateway, echo, extAuth, policies }) {
    const host = hostname();
    const route = httpRoute('app').on(gateway).host(host).rule({ to: echo.service });
    const onError = sabotaged('fails-closed') ? 'deny' : 'allow';
    await policies.apply(policy.extAuth({ server: extAuth.service, onError }), route);
    await apply(route);
    const { extAuthDenied } = policies.outcomes;
    const isDenied = async () => denied(await gateway.get('/', { host }), { ...extAuthDenied, before: echo });

    await expect.eventually(allowed, async () => {
      await reached(await gateway.get('/', { host, headers }), echo);
    });
    await expect.eventually(anonymous, isDenied);

    await extAuth.fault('refuse');
    await expect.eventually(open, async () => {
      await reached(await gateway.get('/', { host }), echo);
    });

    if (sabotaged('server-turns')) await extAuth.program({ always: 'allow' });
    await extAuth.fault('none');
    await expect.eventually(back, isDenied);
  },
});
